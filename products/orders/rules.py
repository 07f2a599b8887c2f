"""When an order is due, when it counts as shipped, what may be refunded (handbook 4 §5).

Plain functions: money is Decimal in the order's currency, moments are aware, quantities are pieces.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from products.orders.states import State
from shopops.clock import Zone, store_time

SHIP_HOURS: Final = 48  # from payment; each channel may set its own
LAST_SECOND: Final = time(23, 59, 59)


class Bucket(TextChoices):
    """Where an order stands against its time to ship: the first five by time left, the last two shipped."""

    OVERDUE = "overdue", pgettext_lazy("order", "Overdue")
    WITHIN_2_HOURS = "<=2h", _("Within 2 hours")
    WITHIN_6_HOURS = "<=6h", _("Within 6 hours")
    WITHIN_24_HOURS = "<=24h", _("Within 24 hours")
    LATER = "later", _("In more than 24 hours")
    MET = "met", _("Shipped in time")
    LATE = "late", _("Shipped late")


_LIMITS: Final = (
    (timedelta(hours=2), Bucket.WITHIN_2_HOURS),
    (timedelta(hours=6), Bucket.WITHIN_6_HOURS),
    (timedelta(hours=24), Bucket.WITHIN_24_HOURS),
)


def due_at(paid_at: datetime, *, hours: int = SHIP_HOURS, promised: date | None = None, zone: Zone = None) -> datetime:
    """Return when a paid order has to be shipped, in UTC: ``hours`` after payment.

    A pre-sale order is due on its ``promised`` store day at 23:59:59.
    """
    if promised is None:
        return paid_at.astimezone(UTC) + timedelta(hours=hours)
    return datetime.combine(promised, LAST_SECOND, store_time(paid_at, zone).tzinfo).astimezone(UTC)


def due_bucket(due: datetime, *, now: datetime, shipped_at: datetime | None = None) -> Bucket:
    """Sort an order by the time left at ``now``, or by whether it was shipped in time.

    The limit itself still belongs to the nearer bucket: 6 hours left exactly is "≤ 6 h", and due
    this very second is not yet overdue.
    """
    if shipped_at is not None:
        return Bucket.MET if shipped_at <= due else Bucket.LATE
    left = due - now
    if left < timedelta(0):
        return Bucket.OVERDUE
    return next((bucket for limit, bucket in _LIMITS if left <= limit), Bucket.LATER)


class Line(NamedTuple):
    """Pieces of one order line: ordered, and what of them was shipped or refunded unshipped."""

    ordered: int
    shipped: int
    refunded: int


def open_pieces(lines: Iterable[Line]) -> int:
    """Return the pieces neither shipped nor refunded."""
    return sum(max(0, line.ordered - line.shipped - line.refunded) for line in lines)


def shipping_state(lines: Iterable[Line]) -> State | None:
    """Return the state an order's parcels put it in; None while nothing was shipped.

    Shipped when Σ shipped + refunded = ordered, line by line.
    """
    lines = list(lines)
    if not any(line.shipped for line in lines):
        return None
    return State.PARTLY_SHIPPED if open_pieces(lines) else State.SHIPPED


@dataclass(frozen=True)
class RefundCap:
    """What was refunded of a line or order, and how much more may be."""

    refunded: Decimal
    max_new: Decimal
    fully_refunded: bool

    def allows(self, amount: Decimal) -> bool:
        """Say whether one more refund of ``amount`` stays within what was paid."""
        return 0 < amount <= self.max_new


def refund_cap(paid: Decimal, refunds: Iterable[tuple[Decimal, str]]) -> RefundCap:
    """Sum up the (amount, state) refunds of a line or order: Σ of ``success`` never exceeds ``paid``.

    Only success is money: a refused, closed or open application uses up nothing.
    """
    refunded = sum((amount for amount, state in refunds if state == "success"), Decimal(0))
    return RefundCap(refunded, max(paid - refunded, Decimal(0)), fully_refunded=0 < paid <= refunded)


class Action(StrEnum):
    """What the house does when a refund moves; the words are the handbook's."""

    HOLD_LINE = "line held"
    LIFT_HOLD = "lift hold"
    RELEASE = "release reservation"
    PULL_OUT = "pull out, alarm"
    CANCEL_WAYBILL = "cancel waybill, goods back to shelf"
    INTERCEPT = "ask courier to intercept"
    WAIT_FOR_GOODS = "wait for goods"
    EXPECT_RETURN = "return expected"
    QUARANTINE = "quarantine"
    NO_STOCK_MOVE = "no stock move"
    NONE = "nothing"


class RefundStep(NamedTuple):
    """What to do with the goods, and the order's new state if it changes by itself."""

    action: Action
    state: State | None = None


_NOT_PICKED: Final = frozenset({State.PAID, State.HELD, State.APPROVED, State.PARTLY_SHIPPED})
_IN_HAND: Final = frozenset({State.IN_WAVE, State.PACKED})
_SENT: Final = frozenset({State.SHIPPED, State.INTERCEPTING, State.FINISHED})


def refund_action(
    state: str,
    event: Literal["opened", "success", "closed"],
    *,
    signed: bool = False,
    all_lines: bool = False,
    goods_return: bool = True,
) -> RefundStep:
    """Return what a refund's event means for goods and order (the page's table of refunds).

    ``state`` is the order's, a partly shipped one counting by its rest; ``signed``: the buyer has
    the goods (of a finished order always); ``all_lines``: every line is refunded now;
    ``goods_return``: the buyer sends goods back, not money only. A new state may lie several moves
    away (in_wave → approved → closed_refunded).
    """
    at = State(state)
    closed = State.CLOSED_REFUNDED if all_lines else None
    if event == "closed":
        return RefundStep(Action.LIFT_HOLD if at in _NOT_PICKED | _IN_HAND else Action.NONE)
    opened = event == "opened"
    if at in _NOT_PICKED:
        return RefundStep(Action.HOLD_LINE) if opened else RefundStep(Action.RELEASE, closed)
    if at in _IN_HAND:
        action = Action.PULL_OUT if opened else Action.CANCEL_WAYBILL
        return RefundStep(action, State.APPROVED if opened else closed or State.APPROVED)
    if at not in _SENT:
        return RefundStep(Action.NONE)
    if signed or at == State.FINISHED:
        if not goods_return:
            return RefundStep(Action.NO_STOCK_MOVE, None if opened else closed)
        return RefundStep(Action.EXPECT_RETURN) if opened else RefundStep(Action.QUARANTINE, closed)
    if opened:
        return RefundStep(Action.INTERCEPT, State.INTERCEPTING if at == State.SHIPPED else None)
    return RefundStep(Action.WAIT_FOR_GOODS, closed)
