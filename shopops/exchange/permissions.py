from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("exports.view", _("See who took which files along"), ("manager", "owner", "administrator")),
]
