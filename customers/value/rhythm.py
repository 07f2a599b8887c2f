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
    paid = [order for order in orders if order.paid_at and order.paid_at >= begin and order.paid]
    top = max((float(order.paid) for order in paid), default=1.0)
    points = []
    for order in sorted(paid, key=lambda order: (order.paid_at, order.pk)):
        share = (order.paid_at - begin) / timedelta(days=DAYS)
        radius = 3 + 7 * (float(order.paid) / top) ** 0.5
        words = f"{formats.day(clock.store_day(order.paid_at))} {formats.money(order.paid)}"
        points.append(Point(round(10 + share * (WIDTH - 20), 1), round(radius, 1), order.refunded >= order.paid, words))
    return points
