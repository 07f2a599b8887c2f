from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "personal.reveal",
        _("Reveal phone numbers, e-mail and postal addresses"),
        ("manager", "deputy", "service_agent", "service_lead", "warehouse_clerk"),
    ),
    Permission(
        "cost.view", _("See cost and margin"), ("manager", "deputy", "owner", "accountant", "planner", "analyst")
    ),
    Permission("pay.view", _("See pay"), ("manager", "owner", "hr_officer", "accountant")),
    Permission("settings.change", _("Change settings of the installation"), ("administrator",)),
    Permission(
        "operation.send",
        _("Let this installation send messages, or stop it"),
        ("manager", "deputy", "administrator"),
    ),
    Permission("operation.view", _("See jobs, queues and the mail outbox"), ("administrator",)),
]
