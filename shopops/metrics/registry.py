"""The dictionary of metrics: one definition each, for pages, reports, exports, the API and tooltips.

A topic's ``metrics.py`` lists its :class:`Metric` objects in ``METRICS``. How to add one: docs/extending.md.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.utils.translation import gettext as _

from shopops.errors import Refused
from shopops.topics import registered
from shopops.words import Words

Unit = Literal["money", "count", "ratio", "rate"]


class UnknownMetric(Refused):
    """Nobody defines a metric of this code."""


@dataclass(frozen=True)
class Metric:
    """One figure and how it is computed.

    ``unit``: money in a channel's currency; count; ratio, a plain quotient; rate, a share of 1.
    ``formula``, ``basis`` (which days count) and ``additivity`` (what may be added up) are
    translated sentences; ``owner`` is the code of the role that answers for the definition.
    """

    code: str
    name: Words
    unit: Unit
    formula: Words
    basis: Words
    additivity: Words
    owner: Words
    by_currency: bool = False  # figures of different currencies stand side by side, else they are one

    @property
    def tooltip(self) -> str:
        """Answer "how is this computed?" in the reader's language."""
        return _("%(name)s: %(formula)s %(basis)s") % {"name": self.name, "formula": self.formula, "basis": self.basis}


@cache
def metrics() -> dict[str, Metric]:
    """Return every metric by code, in the order the topics list them."""
    return {item.code: item for item in registered("metrics", "METRICS") if isinstance(item, Metric)}


def metric(code: str) -> Metric:
    """Return one metric. Raises UnknownMetric."""
    found = metrics().get(code)
    if found is None:
        raise UnknownMetric(_("There is no metric “%(code)s”.") % {"code": code})
    return found
