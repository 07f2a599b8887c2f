from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(
        _("Customers"), "value:list", "identity.view", department="service", position=30, key="c", icon="users", phone=6
    )
]
