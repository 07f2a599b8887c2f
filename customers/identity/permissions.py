from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "identity.view",
        _("See customers"),
        ("manager", "deputy", "owner", "service_lead", "service_agent", "marketing_lead", "marketer", "analyst"),
    ),
    Permission("identity.merge", _("Merge customers and undo it"), ("manager", "deputy", "service_lead")),
]
