from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("approvals.change", _("Name further people who decide requests"), ("manager", "administrator")),
]
