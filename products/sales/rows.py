"""Where the rows behind a figure are: every number opens the list that adds up to it."""

from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

_PAID: Final = ("orders:list", "paid", {"payers": "1"})
# Which list holds a figure's rows, the days its figure goes by, what else narrows it.
_LISTS: Final = {
    "paid": _PAID,
    "orders": _PAID,
    "pieces": _PAID,
    "net": ("sales:days", "day", {}),
    "aov_order": _PAID,
    "refund_rate": _PAID,
    "buyers": ("orders:list", "paid", {"payers": "1", "known_buyer": "1"}),
    "gmv": ("orders:list", "created", {}),
    "unpaid_orders": ("orders:list", "created", {"unpaid": "1"}),
    "refunds": ("refunds:list", "counted", {"counts": "1"}),
}


def rows_url(metric: str, first: date, last: date, *, channel: str = "", **more: str) -> str:
    """Return the address of the rows that add up to ``metric`` of these store days, both inclusive."""
    name, days, narrowed = _LISTS[metric]
    query = {f"{days}_from": first.isoformat(), f"{days}_to": last.isoformat(), "channel": channel, **narrowed, **more}
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"
