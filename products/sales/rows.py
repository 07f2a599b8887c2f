"""Where the rows behind a figure are: every number opens the list that adds up to it."""

from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

WEEK: Final = timedelta(days=7)
NOWHERE: Final = ("", "")  # a cell no list stands behind
_PAID: Final = ("orders:list", "paid", {"payers": "1"})
_DAYS: Final[tuple[str, str, dict[str, str]]] = ("sales:days", "day", {})
_KNOWN: Final = {"payers": "1", "known_buyer": "1"}
# Which list holds a figure's rows, the days its figure goes by, what else narrows it.
_LISTS: Final = {
    "paid": _PAID,
    "orders": _PAID,
    "pieces": _PAID,
    "net": _DAYS,
    "aov_order": _DAYS,
    "upt": _DAYS,
    "refund_rate": _DAYS,
    "buyers": ("orders:list", "paid", _KNOWN),
    "new_buyers": ("orders:list", "paid", _KNOWN | {"buyer_was": "new"}),
    "old_buyers": ("orders:list", "paid", _KNOWN | {"buyer_was": "old"}),
    "gmv": ("orders:list", "created", {}),
    "unpaid_orders": ("orders:list", "created", {"unpaid": "1"}),
    "refunds": ("refunds:list", "counted", {"counts": "1"}),
}


def rows_url(metric: str, first: date, last: date, *, channel: str = "", **more: str) -> str:
    """Return the address of the rows that add up to ``metric`` of these store days, both inclusive; "" where none do."""
    if metric not in _LISTS:
        return ""
    name, days, narrowed = _LISTS[metric]
    query = {f"{days}_from": first.isoformat(), f"{days}_to": last.isoformat(), "channel": channel, **narrowed, **more}
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"


def item_url(code: str, first: date, last: date, *, channel: str = "") -> str:
    """Return the address of one item's days, which add up to its gross, refunds and net."""
    return rows_url("net", first, last, channel=channel, sku=code)


def _span(key: str, day: date) -> tuple[date, date] | None:
    spans = {"value": (day, day), "week": (day - WEEK, day - WEEK), "month": (day.replace(day=1), day)}
    return spans.get(key)


def of_metric(day: date, row: dict[str, Any], key: str) -> tuple[str, str]:
    """Return (metric, address of its rows) of a cell of the report's headline or buyers; ("", "") where there are none."""
    span = _span(key, day)
    url = rows_url(row["metric"], *span) if span else ""
    return (row["metric"], url) if url else NOWHERE


def of_channel(day: date, row: dict[str, Any], key: str) -> tuple[str, str]:
    """Return (metric, address of its rows) of a cell of the report's channels; the total is every channel's."""
    if key not in {"paid", "refunds", "net", "orders", "aov_order", "refund_rate"}:
        return NOWHERE
    # The total may add several lists up (one for each currency); the days' page holds it for each.
    return key, rows_url("net" if row.get("total") else key, day, day, channel=row["channel"])


def of_item(day: date, row: dict[str, Any], key: str) -> tuple[str, str]:
    """Return (metric, address of its rows) of a cell of the report's items."""
    metric = {"gross": "paid", "back": "refunds", "net": "net", "pieces_sum": "pieces", "value": "net"}.get(key, "")
    return (metric, item_url(row["code"], day, day)) if metric else NOWHERE
