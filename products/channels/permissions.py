from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "channels.view",
        _("See channels"),
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
    Permission("channels.change", _("Create and change channels"), ("manager", "deputy", "planner")),
]
