from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("reports.view", _("Read nightly reports"),
               ("manager", "deputy", "owner", "analyst", "planner", "service_lead", "marketing_lead", "accountant")),
    Permission("reports.subscribe", _("Get the nightly report by e-mail"),
               ("manager", "deputy", "owner", "analyst", "planner", "service_lead", "marketing_lead", "accountant")),
    Permission("reports.make", _("Make a report again and send it"), ("manager", "deputy", "analyst")),
]  # fmt: skip
