"""Names and definitions of figures on cards, reports and mails: the dictionary's, and the factors' of causes."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.metrics.registry import metrics

FACTORS: Final = {"orders_per_buyer": gettext_lazy("Orders per buyer")}  # only in the split of a change


def name_of(code: str) -> str:
    """Return a figure's name; an unknown code (of a metric given up since) is its own name."""
    if code in FACTORS:
        return str(FACTORS[code])
    found = metrics().get(code)
    return str(found.name) if found else code


def definition_of(code: str) -> str:
    """Answer "how is this computed?"."""
    found = metrics().get(code)
    return found.tooltip if found else _("Not in the dictionary of metrics.")
