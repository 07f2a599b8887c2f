"""When somebody bought within a year, as points on a line: the larger, the more was paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shopops import clock
from shopops.ui import formats

if TYPE_CHECKING:
    from products.orders.models import Order

WIDTH: Final = 520
DAYS: Final = 365


@dataclass(frozen=True)
class Point:
    """One order on the line."""

    x: float
    radius: float
    is_refunded: bool
    words: str


def rhythm(orders: Iterable["Order"], *, now: datetime) -> list[Point]:
    """Return the paid orders of the last 365 days as points, the oldest first."""
    begin = now - timedelta(days=DAYS)
    paid = [
        (order.paid_at, order.pk, order.paid, order.refunded)
        for order in orders
        if order.paid_at and order.paid_at >= begin and order.paid
    ]
    top = max((float(amount) for _at, _pk, amount, _back in paid), default=1.0)
    points = []
    for at, _pk, amount, back in sorted(paid):
        share = (at - begin) / timedelta(days=DAYS)
        radius = 3 + 7 * (float(amount) / top) ** 0.5
        words = f"{formats.day(clock.store_day(at))} {formats.money(amount)}"
        points.append(Point(round(10 + share * (WIDTH - 20), 1), round(radius, 1), back >= amount, words))
    return points
