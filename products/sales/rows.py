"""Where the rows behind a figure are: every number opens the list that adds up to it."""

from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

# Which list holds a figure's rows, and the days filter its figure goes by.
_LISTS: Final = {
    "paid": ("orders:list", "paid"),
    "orders": ("orders:list", "paid"),
    "pieces": ("orders:list", "paid"),
    "net": ("orders:list", "paid"),
    "aov_order": ("orders:list", "paid"),
    "buyers": ("orders:list", "paid"),
    "refund_rate": ("orders:list", "paid"),
    "gmv": ("orders:list", "created"),
    "unpaid_orders": ("orders:list", "created"),
    "refunds": ("refunds:list", "counted"),
}


def rows_url(metric: str, first: date, last: date, *, channel: str = "", **more: str) -> str:
    """Return the address of the rows that add up to ``metric`` of these store days, both inclusive."""
    name, days = _LISTS[metric]
    query = {f"{days}_from": first.isoformat(), f"{days}_to": last.isoformat(), "channel": channel, **more}
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"
