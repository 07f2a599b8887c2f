from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from shopops.metrics.comparisons import lmdi
from tests.handbook import cases

FACTORS = some.tuples(
    some.integers(1, 10**7).map(Decimal),
    some.decimals("0.0001", 1, places=4),
    some.decimals("0.01", 100_000, places=2),
)


@pytest.mark.parametrize(*cases("lmdi"))
def test_a_change_is_split_among_its_factors(given, expected):
    change = lmdi([Decimal(factor) for factor in given["before"]], [Decimal(factor) for factor in given["after"]])

    found = {name: str(getattr(change, name)) for name in ("before", "after", "change")}
    found["effects"] = change.effects and [str(effect) for effect in change.effects]
    assert found == expected


@for_all(FACTORS, FACTORS)
def test_the_effects_add_up_and_point_the_way_their_factor_went(before, after):
    change = lmdi(before, after)

    assert sum(change.effects) == change.change == change.after - change.before
    for effect, old, new in zip(change.effects, before, after, strict=True):
        if old == new:
            assert effect == 0
        else:
            assert (effect > Decimal("-0.02")) if new > old else (effect < Decimal("0.02"))


@for_all(FACTORS, FACTORS)
def test_the_way_back_has_the_opposite_effects(before, after):
    there, back = lmdi(before, after), lmdi(after, before)

    assert there.change == -back.change
    assert all(abs(one + other) <= Decimal("0.02") for one, other in zip(there.effects, back.effects, strict=True))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [((0, 1), (5, 1), "appeared"), ((5, 1), (0, 1), "ended"), ((0, 1), (0, 2), "changed")],
)
def test_a_zero_factor_has_no_split(before, after, kind):
    change = lmdi([Decimal(factor) for factor in before], [Decimal(factor) for factor in after])

    assert change.kind == kind
    assert change.effects is None


@pytest.mark.parametrize(("before", "after"), [((1, 2), (1,)), ((1, -2), (1, 2))])
def test_factors_that_make_no_product_are_refused(before, after):
    with pytest.raises(ValueError, match="pairs"):
        lmdi([Decimal(factor) for factor in before], [Decimal(factor) for factor in after])
