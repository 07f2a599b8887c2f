from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("quality.view", _("See checks of the data"), ("manager", "deputy", "owner", "analyst", "planner"))
]
