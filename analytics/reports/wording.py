"""One cell of a report as words, for page, mail and print: the same value reads the same everywhere."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from products.sales.definitions import name_of
from shopops import clock
from shopops.dashboard.registry import Column, Section
from shopops.ui import formats

MONEY: Final = frozenset({"paid", "net", "refunds", "aov_buyer", "aov_order", "gmv"})
RATES: Final = frozenset({"pay_rate", "refund_rate"})
RATIOS: Final = frozenset({"upt", "orders_per_buyer"})


def signed(value: str | Decimal) -> str:
    """Write an amount with its sign: +868.77, −868.77."""
    text = formats.money(value)
    return f"+{text}" if Decimal(value) > 0 else text


def figure(metric: str, value: str | None) -> str:
    """Write a metric's value in its own form."""
    if value is None:
        return formats.ABSENT
    if metric in RATES:
        return formats.percent(value)
    return formats.number(value, 2 if metric in MONEY or metric in RATIOS else 0)


def arrow(value: str | None) -> str:
    """Write a change as ▲ 3.2%; "new" where the base was 0."""
    if value is None:
        return formats.ABSENT
    if value == "new":
        return _("new")
    share = Decimal(value)
    return f"{'▲' if share > 0 else '▼' if share < 0 else '='} {formats.percent(abs(share))}"


def moment(value: str | datetime | None) -> str:
    """Write an instant in store time, never relative to today: 3-24 05:41 (paper is read later)."""
    if not value:
        return formats.ABSENT
    at = clock.store_time(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return f"{at.month}-{at.day} {at:%H:%M}"


def cell(section: Section, column: Column, row: dict[str, Any]) -> str:
    """Return the words of one cell."""
    value = row.get(column.key)
    match column.kind:
        case "metric":
            return name_of(str(value))
        case "figure":
            return figure(row.get("metric") or row.get("factor") or "", value)
        case "word":
            return str(section.names.get(value, value))
        case "sentence":
            return str(section.names[row[column.key]]) % row
        case _:
            return _plain(column, row, value)


def _plain(column: Column, row: dict[str, Any], value: Any) -> str:  # noqa: ANN401 - what the column holds
    if value is None:
        return formats.ABSENT
    if row.get("total") and column.key == "title" and not value:
        return _("Total")
    writers = {
        "money": lambda: formats.money(value),
        "effect": lambda: signed(value),
        "count": lambda: formats.number(value),
        "decimal": lambda: formats.number(value, 2),
        "rate": lambda: formats.percent(value),
        "change": lambda: arrow(value),
        "moment": lambda: moment(value),
    }
    writer = writers.get(column.kind)
    return writer() if writer else str(value)
