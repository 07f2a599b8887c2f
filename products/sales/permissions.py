from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("sales.view", _("See sales figures"),
               ("manager", "deputy", "owner", "analyst", "planner", "accountant", "marketing_lead", "service_lead")),
    Permission("plans.change", _("Change the month's sales plan"), ("manager", "deputy", "planner")),
    Permission("notes.change", _("Write the note of a day"),
               ("manager", "deputy", "analyst", "planner", "marketing_lead", "service_lead")),
]  # fmt: skip
