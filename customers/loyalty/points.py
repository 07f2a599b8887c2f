"""The points of one member: lots that expire, spending from the oldest, debts after refunds (handbook 3 §4).

Balance = points of the lots − debt. A debt can only arise where the lots are empty, and the next earning pays it
first; so no lot is ever below zero, and the balance only while there is a debt.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from shopops.money import Exact, round_half_up

POINT_VALUE: Final = Decimal("0.01")  # yuan
LIFE_MONTHS: Final = 12


@dataclass(frozen=True)
class Earn:
    """An order is completed: its net goods in yuan, points a yuan, the factor of the member's tier."""

    on: date
    order: str
    net: Decimal
    rate: Decimal = Decimal(1)
    factor: Decimal = Decimal(1)

    def points(self, net: Exact) -> int:
        """Return what the order earns at another net."""
        return int(Fraction(max(net, 0)) * Fraction(self.rate) * Fraction(self.factor))


@dataclass(frozen=True)
class Refund:
    """Goods of an order are refunded, in yuan."""

    on: date
    order: str
    amount: Decimal


@dataclass(frozen=True)
class Spend:
    on: date
    points: int


Event: TypeAlias = Earn | Refund | Spend


@dataclass
class Lot:
    """What one order earned and what is left of it; valid to the end of ``expires``."""

    earned: Earn
    expires: date
    net: Decimal
    left: int = 0


@dataclass
class Entry:
    """A line of the ledger; ``points`` is None for a spending that was refused."""

    on: date
    points: int | None


@dataclass
class Account:
    """A member's points, kept up by :meth:`book`, which takes the events in the order of their days."""

    lots: list[Lot] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    debt: int = 0
    expired: int = 0

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots) - self.debt

    def liability(self, redemption: Decimal = Decimal(1)) -> Decimal:
        """Return what the points are expected to cost: balance × 0.01 yuan × the share that is ever spent; no debt counts."""
        return round_half_up(max(self.balance, 0) * Fraction(POINT_VALUE) * Fraction(redemption))

    def expire(self, day: date) -> None:
        """Take away what was valid until the day before ``day``."""
        for lot in self.lots:
            if lot.expires < day:
                self.expired += lot.left
                lot.left = 0

    def book(self, event: Event) -> Entry:
        """Write one event into the ledger and return its line. Raises ValueError for an order that earned already."""
        if self.log and event.on < self.log[-1].on:
            raise ValueError(f"{event} lies before {self.log[-1]}: points are booked in the order of days.")
        self.expire(event.on)
        match event:
            case Earn():
                points: int | None = self._earn(event)
            case Refund():
                points = -self._take_back(event)
            case Spend():
                points = self._spend(event.points)
        self.log.append(entry := Entry(event.on, points))
        return entry

    def _earn(self, event: Earn) -> int:
        if any(lot.earned.order == event.order for lot in self.lots):
            raise ValueError(f"Order {event.order} has earned already.")
        points = event.points(event.net)
        paid_back = min(points, self.debt)
        self.debt -= paid_back
        self.lots.append(Lot(event, expiry(event.on), event.net, points - paid_back))
        return points

    def _take_back(self, event: Refund) -> int:
        """Take what the order earned too much: from its own lot, then from those that expire first, else as debt."""
        own = next((lot for lot in self.lots if lot.earned.order == event.order), None)
        if own is None:  # it was refunded before it could earn
            return 0
        before, own.net = own.earned.points(own.net), own.net - event.amount
        taken = before - own.earned.points(own.net)
        missing = self._take(taken - _take_from(own, taken))
        self.debt += missing
        return taken

    def _spend(self, points: int) -> int | None:
        if not 0 < points <= self.balance:  # below zero while there is a debt
            return None
        self._take(points)
        return -points

    def _take(self, points: int) -> int:
        """Take points from the lots, first those that expire first; return how many were missing."""
        for lot in sorted(self.lots, key=lambda lot: lot.expires):  # of one day the earlier lot
            points -= _take_from(lot, points)
        return points


def points(events: Iterable[Event], as_of: date) -> Account:
    """Return the account at the end of ``as_of`` after the events until then, in their order."""
    account = Account()
    for event in events:
        if event.on <= as_of:
            account.book(event)
    account.expire(as_of)
    return account


def expiry(earned_on: date) -> date:
    """Return the last day of points: the end of the 12th month after the month of earning; 2026-03-15 → 2027-03-31."""
    months = earned_on.year * 12 + earned_on.month - 1 + LIFE_MONTHS
    year, month = divmod(months, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _take_from(lot: Lot, points: int) -> int:
    taken = min(points, lot.left)
    lot.left -= taken
    return taken
