from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "collaboration.remove", _("Take away comments and files of others"), ("manager", "deputy", "administrator")
    )
]
