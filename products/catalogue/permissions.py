from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "catalogue.view",
        _("See items and SKUs"),
        (
            "manager",
            "deputy",
            "owner",
            "service_lead",
            "service_agent",
            "planner",
            "warehouse_clerk",
            "visual_lead",
            "designer",
            "marketing_lead",
            "marketer",
            "analyst",
            "accountant",
        ),
    ),
    Permission("catalogue.change", _("Map items to SKUs and create SKUs"), ("manager", "deputy", "planner")),
]
