"""Does a campaign work? Effects against the hold-out with their 95 % intervals (handbook 3 §6).

Counted over **all** members that were assigned, those whose message never arrived included.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

from customers.campaigns.students_t import t_quantile
from shopops.money import round_half_up

Z: Final = 1.959964  # two-sided 95 %
POWER: Final = 0.8


class Arm(NamedTuple):
    """How many members were assigned, and of how many the event was seen."""

    hits: int
    members: int

    @property
    def rate(self) -> float:
        return self.hits / self.members


class Interval(NamedTuple):
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the effect is proved, for better or worse."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class RateEffect:
    """The difference of two rates. ``wald`` only reproduces published tables; screens show ``newcombe``.

    ``incremental`` orders are what the first arm had more than it would have had; ``relative`` is None where the
    second arm had none. The cost of one, and its range, only where the effect is surely above zero.
    """

    difference: float
    newcombe: Interval
    wald: Interval
    incremental: float
    relative: float | None
    cost_each: Decimal | None = None
    cost_range: tuple[Decimal, Decimal] | None = None

    @property
    def is_significant(self) -> bool:
        return self.newcombe.excludes_zero


def uplift_rate(sent: Arm, held_out: Arm, cost: Decimal | None = None) -> RateEffect | None:
    """Return how far the rate of those written to lies above that of the hold-out; None where an arm has nobody."""
    if not sent.members or not held_out.members:
        return None
    difference, newcombe = sent.rate - held_out.rate, _newcombe(sent, held_out)
    relative = difference / held_out.rate if held_out.hits else None
    each, between = _cost_of_one(cost, difference, newcombe, sent.members)
    incremental = difference * sent.members
    return RateEffect(difference, newcombe, _wald(sent, held_out), incremental, relative, each, between)


def _cost_of_one(
    cost: Decimal | None, difference: float, interval: Interval, members: int
) -> tuple[Decimal | None, tuple[Decimal, Decimal] | None]:
    if cost is None or interval.low <= 0:
        return None, None
    each, least, most = (
        round_half_up(Fraction(cost) / Fraction(effect * members))
        for effect in (difference, interval.high, interval.low)
    )
    return each, (least, most)


def wilson(arm: Arm) -> Interval:
    """Return the 95 % limits of one rate (Wilson's score)."""
    n, p = arm.members, arm.rate
    middle = p + Z * Z / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return Interval(max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole))


def _newcombe(one: Arm, two: Arm) -> Interval:
    (low1, high1), (low2, high2) = wilson(one), wilson(two)
    p1, p2 = one.rate, two.rate
    return Interval(
        p1 - p2 - sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2),
        p1 - p2 + sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2),
    )


def _wald(one: Arm, two: Arm) -> Interval:
    p1, p2 = one.rate, two.rate
    half = Z * sqrt(p1 * (1 - p1) / one.members + p2 * (1 - p2) / two.members)
    return Interval(p1 - p2 - half, p1 - p2 + half)


class Sums(NamedTuple):
    """An arm's members, the sum over **all** of them (0 for who did not buy) and the sum of the squares."""

    members: int
    total: Decimal
    squares: Decimal

    @property
    def mean(self) -> Fraction:
        return Fraction(self.total) / self.members

    @property
    def variance_of_mean(self) -> Fraction:
        """The variance (n − 1) divided by n, exact: differences of large sums lose no digits."""
        squared = Fraction(self.squares) - Fraction(self.total) ** 2 / self.members
        return squared / ((self.members - 1) * self.members)


@dataclass(frozen=True)
class MeanEffect:
    """The difference of two means; ``df`` is None where nobody differs from anybody."""

    difference: float
    interval: Interval
    df: float | None


def uplift_mean(sent: Sums, held_out: Sums) -> MeanEffect | None:
    """Return the effect on a mean, such as spend per member, after Welch; None where an arm has fewer than two."""
    if min(sent.members, held_out.members) < 2:
        return None
    difference = float(sent.mean - held_out.mean)
    one, two = sent.variance_of_mean, held_out.variance_of_mean
    if not one + two:
        return MeanEffect(difference, Interval(difference, difference), None)
    df = float((one + two) ** 2 / (one**2 / (sent.members - 1) + two**2 / (held_out.members - 1)))
    half = t_quantile(0.975, df) * sqrt(one + two)
    return MeanEffect(difference, Interval(difference - half, difference + half), df)


def sample_size(rate: float, other: float, power: float = POWER) -> int:
    """Return how many members each of two equal arms needs to prove that two rates differ; 0.03, 0.036 → 13914."""
    if rate == other or not 0 <= rate <= 1 or not 0 <= other <= 1:
        raise ValueError(f"No number of members proves {rate} against {other}.")
    return ceil((_needed(rate, other, 1, 1, power) / (rate - other)) ** 2)


def smallest_effect(rate: float, sent: int, held_out: int, power: float = POWER) -> float | None:
    """Return the smallest rise above ``rate`` (the hold-out's) that the arms can prove; None where none can.

    With equal arms the inverse of :func:`sample_size`; unequal ones weigh by their members.
    """
    if not sent or not held_out:
        return None

    def proves(effect: float) -> bool:
        return _needed(rate + effect, rate, sent, held_out, power) <= effect

    low, high = 0.0, 1.0 - rate
    if high <= 0 or not proves(high):
        return None
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if proves(middle) else (middle, high)
    return high


def _needed(p1: float, p2: float, n1: int, n2: int, power: float) -> float:
    """Return the difference that arms of this size prove with ``power`` where the rates are these."""
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    no_effect = sqrt(max(0.0, pooled * (1 - pooled)) * (1 / n1 + 1 / n2))
    effect = sqrt(max(0.0, p1 * (1 - p1)) / n1 + max(0.0, p2 * (1 - p2)) / n2)
    return Z * no_effect + NormalDist().inv_cdf(power) * effect
