"""What a figure is compared with, and why it changed (handbook 6: ratios, §3 LMDI, §6, §7).

Plain functions over figures already fetched. Money is Decimal in the currency's main unit, days are
store days; results are rounded half up to the places their docstrings say, None means "not defined".
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, Literal

from shopops.lunar import spring_festival
from shopops.money import CENT, largest_remainder, ratio, round_half_up

DAYS_BEFORE_FESTIVAL: Final = 30
DAYS_AFTER_FESTIVAL: Final = 20
YEAR_OF_WEEKS: Final = timedelta(days=364)  # 52 weeks: the same weekday a year ago
DIGITS: Final = 50  # of the logarithms, far beyond what a cent needs
NEARLY_EQUAL: Final = Fraction(1, 10**15)


@dataclass(frozen=True)
class AlignedDay:
    """The days of last year that one day may be compared with (YoY, handbook 6 §7)."""

    calendar: date  # same date; 29 February looks back at the 28th
    weekday: date  # 364 days ago
    lunar: date | None  # same distance from Spring Festival; None far from it

    @property
    def default(self) -> Literal["lunar", "calendar"]:
        """Name the comparison a page shows first."""
        return "lunar" if self.lunar else "calendar"


def aligned_day(day: date) -> AlignedDay:
    """Return the days of last year that ``day`` is compared with.

    The lunar one exists from 30 days before to 20 after Spring Festival: 2026-02-16 ↔ 2025-01-28.
    """
    leap = (day.month, day.day) == (2, 29)
    return AlignedDay(
        calendar=day.replace(year=day.year - 1, day=28 if leap else day.day),
        weekday=day - YEAR_OF_WEEKS,
        lunar=_lunar_day(day),
    )


def _lunar_day(day: date) -> date | None:
    # The festival falls between 21 January and 21 February: only around them is it looked up.
    if 3 < day.month < 12:
        return None
    year = day.year + (day.month == 12)
    offset = (day - spring_festival(year)).days
    if not -DAYS_BEFORE_FESTIVAL <= offset <= DAYS_AFTER_FESTIVAL:
        return None
    return spring_festival(year - 1) + timedelta(days=offset)


@dataclass(frozen=True)
class PlanToDate:
    """A month's plan against what is sold so far, by the plan's daily weights (handbook 6 §7)."""

    plan_to_date: Decimal  # money, 2 places
    linear_plan_to_date: Decimal  # the same if every day weighed alike, 2 places
    attainment: Decimal | None  # actual ÷ plan to date, 4 places
    need_per_weight: Decimal | None  # what is missing ÷ weights left, 4 places; None: no weight left
    need_today: Decimal | None  # of the first day not done, 2 places; below 0: the plan is passed


def mtd_plan(plan: Decimal, weights: Sequence[Decimal], days_done: int, actual: Decimal) -> PlanToDate:
    """Compare ``actual`` of the first ``days_done`` days with the plan's share for them.

    ``weights`` has one entry per day of the period; an activity day weighs more.
    """
    exact = [Fraction(weight) for weight in weights]
    whole, done = sum(exact), sum(exact[:days_done])
    if not whole:
        raise ValueError("A plan needs weights above zero.")
    to_date = Fraction(plan) * done / whole
    left = whole - done
    need = (Fraction(plan) - Fraction(actual)) / left if left else None
    return PlanToDate(
        plan_to_date=round_half_up(to_date),
        linear_plan_to_date=round_half_up(Fraction(plan) * days_done / len(exact)),
        attainment=ratio(actual, to_date, 4),
        need_per_weight=None if need is None else round_half_up(need, 4),
        need_today=None if need is None else round_half_up(need * exact[days_done]),
    )


def ratio_of_sums(rows: Iterable[tuple[Decimal, Decimal]], places: int = 6) -> Decimal | None:
    """Divide Σ numerators by Σ denominators of (numerator, denominator) rows; None when that is zero.

    A group's ratio is never the mean of its members' ratios.
    """
    numerator = denominator = Fraction(0)
    for above, below in rows:
        numerator += Fraction(above)
        denominator += Fraction(below)
    return ratio(numerator, denominator, places)


@dataclass(frozen=True)
class Change:
    """How a product of factors moved from one period to another, and which factor did it."""

    before: Decimal  # money, 2 places, like all here
    after: Decimal
    change: Decimal
    effects: tuple[Decimal, ...] | None  # one per factor, adding up to ``change``; None: no split
    kind: Literal["changed", "appeared", "ended"]  # without a split: a factor was, or became, zero


def lmdi(before: Sequence[Decimal], after: Sequence[Decimal]) -> Change:
    """Split the change of a product among its factors (logarithmic mean, handbook 6 §3).

    R = visitors × conversion × AOV per buyer: Δx = L(R1, R0) · ln(x1 ÷ x0) with
    L(a, b) = (a − b) ÷ (ln a − ln b), L(a, a) = a. The effects add up to the change exactly, cents by
    largest remainder. Factors stand in the same order in both and are not negative; where one is
    zero there is no split.
    """
    if len(before) != len(after) or any(factor < 0 for factor in (*before, *after)):
        raise ValueError("Factors come in pairs and are not negative.")
    old, new = _product(before), _product(after)
    old_money, new_money = round_half_up(old), round_half_up(new)
    change = new_money - old_money
    if old and new:
        raw = _effects(before, after, old, new)
        cents = largest_remainder([effect / Fraction(CENT) for effect in raw], int(change * 100))
        return Change(old_money, new_money, change, tuple(CENT * part for part in cents), "changed")
    kind: Literal["changed", "appeared", "ended"] = "appeared" if new else "ended" if old else "changed"
    return Change(old_money, new_money, change, None, kind)


def _product(factors: Sequence[Decimal]) -> Fraction:
    product = Fraction(1)
    for factor in factors:
        product *= Fraction(factor)
    return product


def _effects(before: Sequence[Decimal], after: Sequence[Decimal], old: Fraction, new: Fraction) -> list[Fraction]:
    with localcontext(prec=DIGITS):
        logs = [(x1 / x0).ln() if x1 != x0 else Decimal(0) for x0, x1 in zip(before, after, strict=True)]
        near = abs(new - old) <= new * NEARLY_EQUAL  # the quotient below would be noise ÷ noise
        scale = _decimal(new) if near else _decimal(new - old) / sum(logs)
        # 30 places are beyond any cent and hide the last digits' noise from the largest remainder.
        return [Fraction(round(scale * log, 30)) for log in logs]


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def missing_days(
    first: date, last: date, days_with_orders: Collection[date], closed_weekdays: Collection[int] = ()
) -> list[date]:
    """Return the days from ``first`` to ``last`` (inclusive) without any order: missing, or really zero?

    ``closed_weekdays`` (Monday = 0) are days the channel never sells on and are left out.
    """
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day not in days_with_orders and day.weekday() not in closed_weekdays]
