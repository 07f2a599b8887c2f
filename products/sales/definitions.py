"""Names and definitions of the figures as cards, reports and mails show them: those of the dictionary."""

from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from products.sales.metrics import METRICS

NAMES: Final = {item.code: item.name for item in METRICS} | {"orders_per_buyer": _("Orders per buyer")}
DEFINITIONS: Final = {item.code: format_lazy("{} {}", item.formula, item.basis) for item in METRICS} | {
    "orders_per_buyer": _("Orders ÷ buyers of the same days.")
}
