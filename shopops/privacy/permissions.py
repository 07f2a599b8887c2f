from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "privacy.view",
        _("See data requests and how long data are kept"),
        ("manager", "deputy", "owner", "service_lead", "administrator"),
    ),
    Permission("privacy.handle", _("Handle data requests of customers"), ("manager", "deputy", "service_lead")),
    Permission("privacy.decide", _("Agree to the deletion of a person"), ("manager", "deputy", "owner")),
    Permission("privacy.change", _("Say how long data are kept"), ("manager", "administrator")),
]
