"""Member tiers: up at once, down only after a year and its grace (handbook 3 §4)."""

from bisect import bisect_right
from calendar import isleap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

SPEND_DAYS: Final = 365  # date − 365 < day ≤ date
GRACE_DAYS: Final = 30


class Tier(models.TextChoices):
    """The tiers, the lowest first."""

    NORMAL = "normal", pgettext_lazy("tier", "Normal")
    SILVER = "silver", pgettext_lazy("tier", "Silver")
    GOLD = "gold", pgettext_lazy("tier", "Gold")
    PLATINUM = "platinum", pgettext_lazy("tier", "Platinum")


class Move(models.TextChoices):
    UPGRADE = "upgrade", pgettext_lazy("tier", "Upgraded")
    RENEWED = "renewed", pgettext_lazy("tier", "Renewed")
    DOWNGRADE = "downgrade", pgettext_lazy("tier", "Downgraded")


# What a year's spend has to reach, in yuan; rising with the tier.
LADDER: Final = {
    Tier.NORMAL: Decimal(0),
    Tier.SILVER: Decimal(1000),
    Tier.GOLD: Decimal(5000),
    Tier.PLATINUM: Decimal(20000),
}
_RANK: Final = {tier: place for place, tier in enumerate(Tier)}


class Completed(NamedTuple):
    """A completed order: the day and its goods in yuan."""

    day: date
    goods: Decimal


class Refunded(NamedTuple):
    """A refund: its day, which order it lowers (place in the list), the goods refunded."""

    day: date
    order: int
    goods: Decimal


class Step(NamedTuple):
    day: date
    tier: Tier
    move: Move


@dataclass(frozen=True)
class Standing:
    """A member's tier on a day; no ``period_end`` in the lowest."""

    tier: Tier = Tier.NORMAL
    period_end: date | None = None
    history: tuple[Step, ...] = ()
    in_grace: bool = False
    rolling_spend: Decimal = Decimal(0)


def tier(
    orders: Sequence[Completed],
    refunds: Sequence[Refunded],
    as_of: date,
    ladder: Mapping[Tier, Decimal] = LADDER,
) -> Standing:
    """Return the tier at the end of ``as_of``, and every step to it.

    Spend is what completed orders of 365 days come to after the refunds of each. Reaching a higher tier counts
    from the same day and begins a period of twelve months. At its end enough spend renews it; else 30 days of
    grace, in which reaching it again renews; on day 31 it becomes what the spend supports. A refund never lowers
    a tier within a period.
    """
    happened = sorted({event.day for event in (*orders, *refunds)})
    held, day = Tier.NORMAL, date.min
    end: date | None = None
    history: list[Step] = []
    while (following := _next_day(happened, end, after=day)) is not None and following <= as_of:
        day = following
        supported = _supported(spend(orders, refunds, day), ladder)
        if (move := _move(held, end, supported, day)) is not None:
            held = held if move == Move.RENEWED else supported
            end = plus_a_year(day) if held != Tier.NORMAL else None
            history.append(Step(day, held, move))
    in_grace = end is not None and end < as_of
    return Standing(held, end, tuple(history), in_grace, spend(orders, refunds, as_of))


def spend(orders: Sequence[Completed], refunds: Sequence[Refunded], on: date) -> Decimal:
    """Return what the orders of the 365 days up to ``on`` come to after the refunds made until then."""
    begin = on - timedelta(days=SPEND_DAYS)
    counted = {place for place, order in enumerate(orders) if begin < order.day <= on}
    goods = sum((orders[place].goods for place in counted), Decimal(0))
    back = sum((refund.goods for refund in refunds if refund.day <= on and refund.order in counted), Decimal(0))
    return goods - back


def plus_a_year(day: date) -> date:
    """Return the day twelve months later: 2028-02-29 → 2029-02-28."""
    is_short = (day.month, day.day) == (2, 29) and not isleap(day.year + 1)
    return date(day.year + 1, day.month, day.day - is_short)


def _next_day(happened: Sequence[date], end: date | None, *, after: date) -> date | None:
    """Return the next day on which the tier may move: something happened, a period or its grace is over."""
    place = bisect_right(happened, after)
    days = list(happened[place : place + 1])
    if end is not None:
        days += [over for over in (end, end + timedelta(days=GRACE_DAYS + 1)) if over > after]
    return min(days, default=None)


def _move(held: Tier, end: date | None, supported: Tier, day: date) -> Move | None:
    if _RANK[supported] > _RANK[held]:
        return Move.UPGRADE
    if end is None or day < end:
        return None
    if supported == held:
        return Move.RENEWED
    return Move.DOWNGRADE if day > end + timedelta(days=GRACE_DAYS) else None


def _supported(reached: Decimal, ladder: Mapping[Tier, Decimal]) -> Tier:
    return max((tier for tier, least in ladder.items() if reached >= least), key=_RANK.__getitem__, default=Tier.NORMAL)
