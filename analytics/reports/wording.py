"""One cell of a report as words, for page, mail and print: the same value reads the same everywhere."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shopops import clock
from shopops.dashboard.registry import Column, Section
from shopops.money import round_half_up

MINUS: Final = "\u2212"
ABSENT: Final = "–"
METRICS: Final = {
    "paid": gettext_lazy("Paid"),
    "net": gettext_lazy("Net sales"),
    "refunds": gettext_lazy("Refunds"),
    "orders": gettext_lazy("Orders"),
    "buyers": gettext_lazy("Buyers"),
    "new_buyers": gettext_lazy("New buyers"),
    "old_buyers": gettext_lazy("Returning buyers"),
    "pieces": gettext_lazy("Pieces"),
    "aov_buyer": gettext_lazy("Paid per buyer"),
    "aov_order": gettext_lazy("Paid per order"),
    "orders_per_buyer": gettext_lazy("Orders per buyer"),
    "upt": gettext_lazy("Pieces per order"),
    "unpaid_orders": gettext_lazy("Unpaid orders"),
    "pay_rate": gettext_lazy("Pay rate"),
}
MONEY: Final = frozenset({"paid", "net", "refunds", "aov_buyer", "aov_order", "gmv"})
RATES: Final = frozenset({"pay_rate", "refund_rate"})
RATIOS: Final = frozenset({"upt", "orders_per_buyer"})
NEW: Final = pgettext_lazy("comparison", "new")


def number(value: str | Decimal | int, places: int = 0, *, signed: bool = False) -> str:
    """Write a number with grouped thousands and the sign the field uses: 1,234.50, −3."""
    exact = round_half_up(Decimal(value), places)
    text = f"{abs(exact):,.{places}f}"
    if exact < 0:
        return MINUS + text
    return f"+{text}" if signed and exact > 0 else text


def percent(value: str | Decimal, *, signed: bool = False) -> str:
    return number(Decimal(value) * 100, 1, signed=signed) + "%"


def figure(metric: str, value: str | None) -> str:
    """Write a metric's value in its own form."""
    if value is None:
        return ABSENT
    if metric in RATES:
        return percent(value)
    return number(value, 2 if metric in MONEY or metric in RATIOS else 0)


def arrow(value: str | None) -> str:
    """Write a change as ▲ 3.2%; "new" where the base was 0."""
    if value is None:
        return ABSENT
    if value == "new":
        return str(NEW)
    share = Decimal(value)
    return f"{'▲' if share > 0 else '▼' if share < 0 else '='} {percent(abs(share))}"


def day(value: date, *, year: bool = False) -> str:
    """Write a day with its weekday: 23 Mar Mon, 3月23日 周一."""
    weekday = formats.date_format(value, "D")
    return f"{formats.date_format(value, 'DATE_FORMAT' if year else 'MONTH_DAY_FORMAT')} {weekday}"


def moment(value: str | datetime | None) -> str:
    """Write an instant in store time: 3-24 05:41."""
    if not value:
        return ABSENT
    at = clock.store_time(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return f"{at.month}-{at.day} {at:%H:%M}"


def cell(section: Section, column: Column, row: dict[str, Any]) -> str:
    """Return the words of one cell."""
    value = row.get(column.key)
    match column.kind:
        case "metric":
            return str(METRICS.get(str(value), value))
        case "figure":
            return figure(row.get("metric") or row.get("factor") or "", value)
        case "word":
            return str(section.names.get(value, value))
        case "sentence":
            return str(section.names[value]) % row
        case _:
            return _plain(column, row, value)


def _plain(column: Column, row: dict[str, Any], value: Any) -> str:  # noqa: ANN401
    if value is None:
        return ABSENT
    if row.get("total") and column.key == "title" and not value:
        return _("Total")
    writers = {
        "money": lambda: number(value, 2),
        "effect": lambda: number(value, 2, signed=True),
        "count": lambda: number(value),
        "decimal": lambda: number(value, 2),
        "rate": lambda: percent(value),
        "change": lambda: arrow(value),
        "moment": lambda: moment(value),
    }
    writer = writers.get(column.kind)
    return writer() if writer else str(value)
