from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("dashboard.view", _("See the manager's dashboard"), ("manager", "deputy", "owner", "analyst")),
]  # fmt: skip
