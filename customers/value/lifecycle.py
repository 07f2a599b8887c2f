"""Where a customer stands with the store, as a function of the date (handbook 3 §4).

The nightly job stores the dated transitions; because the state is a function, it can make them all again.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

LOST_AFTER: Final = 365  # days without a sign of life
DORMANT_AFTER: Final = 180
YEAR: Final = 365  # "within a year": date − 365 < day ≤ date
LOYAL_FROM: Final = 4  # purchases within a year


class Lifecycle(models.TextChoices):
    UNKNOWN = "unknown", pgettext_lazy("customer", "Not known yet")
    ENQUIRER = "enquirer", pgettext_lazy("customer", "Enquirer")
    FIRST_BUYER = "first_buyer", pgettext_lazy("customer", "First-time buyer")
    REPEAT = "repeat", pgettext_lazy("customer", "Repeat buyer")
    LOYAL = "loyal", pgettext_lazy("customer", "Loyal customer")
    ADVOCATE = "advocate", pgettext_lazy("customer", "Recommends us")
    DORMANT = "dormant", pgettext_lazy("customer", "Dormant")
    LOST = "lost", pgettext_lazy("customer", "Lost")


@dataclass(frozen=True)
class Bought:
    """A paid order: its store day, and the day from which on all of it is refunded."""

    day: date
    refunded_day: date | None = None

    def counts(self, on: date) -> bool:
        return self.day <= on and (self.refunded_day is None or self.refunded_day > on)


@dataclass(frozen=True)
class Signs:
    """What is known of a customer: enquiries, paid orders, days on which a referral of theirs became successful."""

    enquiries: tuple[date, ...] = ()
    orders: tuple[Bought, ...] = ()
    referrals: tuple[date, ...] = ()


def lifecycle(signs: Signs, on: date) -> Lifecycle:
    """Return the state on a day, from what had happened until its end; a refund acts from its day on, not before."""
    purchases = sorted({order.day for order in signs.orders if order.counts(on)})  # a day with two orders is one
    seen = purchases or [day for day in signs.enquiries if day <= on]
    if not seen:
        return Lifecycle.UNKNOWN
    silent = (on - max(seen)).days
    if silent > DORMANT_AFTER:
        return Lifecycle.LOST if silent > LOST_AFTER else Lifecycle.DORMANT
    return _active(signs, purchases, on)


def _active(signs: Signs, purchases: list[date], on: date) -> Lifecycle:
    if not purchases:
        return Lifecycle.ENQUIRER
    if len(purchases) < 2:
        return Lifecycle.FIRST_BUYER
    begin = on - timedelta(days=YEAR)
    if any(begin < day <= on for day in signs.referrals):
        return Lifecycle.ADVOCATE
    within_a_year = len(purchases) - bisect_right(purchases, begin)
    return Lifecycle.LOYAL if within_a_year >= LOYAL_FROM else Lifecycle.REPEAT


def transitions(signs: Signs, until: date) -> list[tuple[date, Lifecycle]]:
    """Return the days up to ``until`` on which the state became another, with what it became, the earliest first.

    Between two of them the state does not move, so ``lifecycle`` of any day is the last one before it.
    """
    found: list[tuple[date, Lifecycle]] = []
    state = Lifecycle.UNKNOWN
    for day in sorted({day for day in _turning_days(signs) if day <= until}):
        if (now := lifecycle(signs, day)) != state:
            found.append((day, now))
            state = now
    return found


def _turning_days(signs: Signs) -> Iterator[date]:
    """Yield every day on which the state can change: what happened, and when it has become too long ago."""
    yield from (order.refunded_day for order in signs.orders if order.refunded_day is not None)
    for day in (*signs.enquiries, *signs.referrals, *(order.day for order in signs.orders)):
        yield day
        yield day + timedelta(days=DORMANT_AFTER + 1)
        yield day + timedelta(days=LOST_AFTER + 1)
        yield day + timedelta(days=YEAR)
