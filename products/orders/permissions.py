from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "orders.view",
        _("See orders"),
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
    Permission(
        "orders.export",
        _("Export orders"),
        ("manager", "deputy", "owner", "planner", "warehouse_clerk", "analyst", "accountant"),
    ),
    Permission(
        "orders.import", _("Import order files"), ("manager", "deputy", "planner", "warehouse_clerk", "analyst")
    ),
    Permission(
        "orders.note",
        _("Write the store's note and flag of orders"),
        ("manager", "deputy", "service_lead", "service_agent", "planner", "warehouse_clerk"),
    ),
    Permission("orders.undo", _("Take an import back"), ("manager", "deputy", "planner")),
]
