from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "refunds.view",
        _("See refunds"),
        (
            "manager",
            "deputy",
            "owner",
            "service_lead",
            "service_agent",
            "planner",
            "warehouse_clerk",
            "marketing_lead",
            "marketer",
            "analyst",
            "accountant",
        ),
    ),
]
