from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("history.view", _("Search the history of all records"), ("manager", "owner", "administrator"))
]
