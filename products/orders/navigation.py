from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(
        _("Orders"), "orders:list", "orders.view", department="planning", position=10, key="o", icon="package", phone=2
    ),
    Entry(
        _("Imports"),
        "orders:imports",
        "orders.view",
        department="planning",
        position=50,
        key="i",
        icon="file-import",
        phone=5,
    ),
]
