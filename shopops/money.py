"""Exact arithmetic of money: rounding, ratios, and parts that add up to their whole.

Amounts are Decimal in the currency's main unit. Nothing here goes through a float or through a
rounded intermediate, so results are right to the last place whatever the decimal context says.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

Exact: TypeAlias = Decimal | Fraction | int

CENT: Final = Decimal("0.01")


class DoesNotSplit(ValueError):
    """A total that is no whole number of units, or weights that give nobody a share."""


def round_half_up(value: Exact, places: int = 2) -> Decimal:
    """Round to ``places`` decimals, halves away from zero (as PostgreSQL's ``round``): 0.005 → 0.01."""
    scaled = Fraction(value) * 10**places
    units = int(abs(scaled) + Fraction(1, 2))
    return _exact(units if scaled >= 0 else -units, -places)


def ratio(numerator: Exact, denominator: Exact, places: int = 6) -> Decimal | None:
    """Divide and round half up; None ("–", never 0) where the denominator is zero."""
    if not denominator:
        return None
    return round_half_up(Fraction(numerator) / Fraction(denominator), places)


def split(total: Exact, weights: Iterable[Exact], unit: Decimal = CENT) -> list[Decimal]:
    """Divide ``total`` by ``weights`` into parts of whole ``unit``s that add up to it exactly.

    Largest remainder (最大余数法, handbook 4): every share is rounded down, the missing units go to
    the largest fractions, among equal fractions to the earlier. A negative total splits like its
    opposite. Raises DoesNotSplit when ``total`` is no multiple of ``unit``, a weight is negative, or
    all are zero while the total is not.
    """
    shares = [Fraction(weight) for weight in weights]
    units = Fraction(total) / Fraction(unit)
    whole = sum(shares)
    if units.denominator != 1:
        raise DoesNotSplit(f"{total} is no multiple of {unit}.")
    if any(share < 0 for share in shares):
        raise DoesNotSplit("A weight is negative.")
    if not whole:
        if units:
            raise DoesNotSplit(f"{total} cannot be split: no weight is above zero.")
        whole = Fraction(1)
    sign = -1 if units < 0 else 1
    parts = largest_remainder([abs(units) * share / whole for share in shares], int(abs(units)))
    digits, exponent = _digits(unit)
    return [_exact(sign * part * digits, exponent) for part in parts]


def largest_remainder(shares: Sequence[Fraction], total: int) -> list[int]:
    """Round ``shares`` to integers that add up to ``total``: floors, then one more for the largest fractions.

    Shares may be negative; ``total`` lies less than one per share from their sum. Among equal
    fractions the earlier goes first; a share of exactly zero stays zero.
    """
    parts = [share.numerator // share.denominator for share in shares]
    open_to_change = [index for index, share in enumerate(shares) if share]
    by_fraction = sorted(open_to_change, key=lambda index: (parts[index] - shares[index], index))
    missing = total - sum(parts)
    if abs(missing) > len(by_fraction):
        raise DoesNotSplit(f"{total} is not the rounded sum of the shares.")
    changed = by_fraction[:missing] if missing >= 0 else by_fraction[missing:]
    for index in changed:
        parts[index] += 1 if missing > 0 else -1
    return parts


def _digits(unit: Decimal) -> tuple[int, int]:
    _, digits, exponent = unit.as_tuple()
    return int("".join(map(str, digits))), int(exponent)


def _exact(units: int, exponent: int) -> Decimal:
    return Decimal(f"{units}e{exponent}")  # read from text, a Decimal is not cut to the context's precision
