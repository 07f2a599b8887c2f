"""The roles and departments a store starts with; permissions name the roles that have them."""

from typing import Final

from django.utils.translation import gettext_noop as _

DEPARTMENTS: Final = (  # code, name, app
    ("management", _("Management"), ""),
    ("service", _("Customer service"), "customers"),
    ("planning", _("Product planning"), "products"),
    ("visual", _("Visual design"), "visual"),
    ("marketing", _("Marketing"), "marketing"),
    ("analysis", _("Data analysis"), "analytics"),
    ("hr", _("HR & finance"), "hr_finance"),
)
ROLES: Final = (  # code, name, department
    ("manager", _("Store manager"), "management"),
    ("deputy", _("Deputy manager"), "management"),
    ("owner", _("Owner"), "management"),
    ("service_lead", _("Service lead"), "service"),
    ("service_agent", _("Service agent"), "service"),
    ("planner", _("Planner"), "planning"),
    ("warehouse_clerk", _("Order & warehouse clerk"), "planning"),
    ("visual_lead", _("Visual lead"), "visual"),
    ("designer", _("Designer"), "visual"),
    ("marketing_lead", _("Marketing lead"), "marketing"),
    ("marketer", _("Marketer"), "marketing"),
    ("analyst", _("Analyst"), "analysis"),
    ("hr_officer", _("HR officer"), "hr"),
    ("accountant", _("Accountant"), "hr"),
    ("administrator", _("Administrator"), "management"),
)
GUARDED: Final = frozenset({"manager", "deputy", "owner", "hr_officer", "accountant", "administrator"})  # second factor
SHORT_IDLE: Final = {"hr_officer": 30, "accountant": 30}  # minutes; others 8 hours
