from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from shopops.money import DoesNotSplit, ratio, round_half_up, split
from tests.handbook import cases

WEIGHTS = some.lists(some.decimals(0, 10_000, places=2), min_size=1, max_size=12).filter(any)
TOTALS = some.decimals(-1_000_000, 1_000_000, places=2)


@pytest.mark.parametrize(*cases("split"))
def test_a_whole_is_split_by_largest_remainder(given, expected):
    unit = Decimal(given.get("unit", "0.01"))

    parts = split(Decimal(given["total"]), [Decimal(weight) for weight in given["weights"]], unit)

    assert [str(part) for part in parts] == expected["parts"]


@for_all(TOTALS, WEIGHTS)
def test_the_parts_add_up_and_lie_within_a_cent_of_their_share(total, weights):
    parts = split(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        share = Fraction(total) * Fraction(weight) / Fraction(sum(weights))
        assert abs(Fraction(part) - share) < Fraction(1, 100)
        assert part.as_tuple().exponent == -2


@for_all(TOTALS, WEIGHTS)
def test_a_negative_total_splits_like_its_opposite(total, weights):
    assert split(-total, weights) == [-part for part in split(total, weights)]


@for_all(TOTALS, WEIGHTS, some.randoms())
def test_the_order_of_the_weights_decides_ties_only(total, weights, chance):
    shuffled = list(weights)
    chance.shuffle(shuffled)

    first, second = split(total, weights), split(total, shuffled)

    assert sorted(first) == sorted(second)
    for parts, order in ((first, weights), (second, shuffled)):
        for weight in set(order):
            same = [abs(part) for part, other in zip(parts, order, strict=True) if other == weight]
            assert same == sorted(same, reverse=True)  # of equals the earlier gets the cent


@for_all(some.decimals(-1000, 1000, places=4), WEIGHTS)
def test_the_unit_may_be_smaller_or_larger(total, weights):
    assert sum(split(total, weights, Decimal("0.0001"))) == total
    assert sum(split(round_half_up(total, 0), weights, Decimal(1))) == round_half_up(total, 0)


def test_long_numbers_lose_no_digit():
    total = Decimal("12345678901234567890123456789012345.67")

    assert split(total, [1]) == [total]


def test_nothing_is_split_over_nobody():
    assert split(Decimal("0.00"), [Decimal(0), Decimal(0)]) == [Decimal("0.00"), Decimal("0.00")]
    assert split(Decimal("0.00"), []) == []


@pytest.mark.parametrize(
    ("total", "weights"),
    [("1.00", []), ("1.00", ["0", "0"]), ("1.00", ["2", "-1"]), ("1.001", ["1"])],
)
def test_what_cannot_be_split_is_refused(total, weights):
    with pytest.raises(DoesNotSplit):
        split(Decimal(total), [Decimal(weight) for weight in weights])


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("2.675", 2, "2.68"),
        ("0.125", 2, "0.13"),
        ("0.135", 2, "0.14"),
        ("1.4999999999999999999999999999999999", 0, "1"),
        ("-0.001", 2, "0.00"),
        ("3", 4, "3.0000"),
    ],
)
def test_halves_go_away_from_zero(value, places, rounded):
    assert str(round_half_up(Decimal(value), places)) == rounded


def test_a_ratio_without_a_base_is_not_defined():
    assert ratio(Decimal(1), Decimal(0)) is None
    assert ratio(0, 3) == 0
    assert str(ratio(2, 3)) == "0.666667"
