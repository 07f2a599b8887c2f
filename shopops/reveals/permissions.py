from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("reveals.view", _("See who looked at personal data"), ("manager", "owner", "administrator")),
    Permission("reveals.reasons", _("Read what people looked for, in their words"), ("manager", "owner")),
    Permission("reveals.export", _("Take the access log along as a file"), ("manager", "owner")),
]
