"""Whether a campaign works (handbook 3 §6)."""

from decimal import Decimal

import pytest
from hypothesis import assume, example
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.campaigns.statistics import (
    Arm,
    Interval,
    Sums,
    sample_size,
    smallest_effect,
    uplift_mean,
    uplift_rate,
    wilson,
)
from customers.campaigns.students_t import incomplete_beta, t_quantile, t_share
from shopops.money import round_half_up
from tests.handbook import cases


def text(value, places):
    return None if value is None else str(round_half_up(Decimal(value), places))


@pytest.mark.parametrize(*cases("uplift_rate"))
def test_the_difference_of_two_rates_and_what_it_costs(given, expected):
    cost = given.get("cost")
    effect = uplift_rate(Arm(given["x1"], given["n1"]), Arm(given["x2"], given["n2"]), cost=cost and Decimal(cost))

    told = {
        "difference": text(effect.difference, 6),
        "low": text(effect.newcombe.low, 6),
        "high": text(effect.newcombe.high, 6),
        "significant": effect.is_significant,
        "incremental_orders": text(effect.incremental, 1),
        "relative": text(effect.relative, 4),
        "cost_per_incremental_order": effect.cost_each and str(effect.cost_each),
        "cost_range": effect.cost_range and [str(limit) for limit in effect.cost_range],
    }
    assert {name: told[name] for name in expected} == expected


def test_the_unpooled_limits_only_reproduce_published_tables():
    effect = uplift_rate(Arm(267, 21_307), Arm(122, 21_306))

    assert [text(limit, 6) for limit in effect.wald] == ["0.005000", "0.008610"]
    assert [text(limit, 6) for limit in effect.newcombe] == ["0.005014", "0.008641"]


@pytest.mark.parametrize(*cases("uplift_mean"))
def test_the_difference_of_two_means(given, expected):
    effect = uplift_mean(
        Sums(given["n1"], Decimal(given["sum1"]), Decimal(given["sumsq1"])),
        Sums(given["n2"], Decimal(given["sum2"]), Decimal(given["sumsq2"])),
    )

    assert {
        "difference": text(effect.difference, 4),
        "low": text(effect.interval.low, 4),
        "high": text(effect.interval.high, 4),
        "df": text(effect.df, 2),
    } == expected


@pytest.mark.parametrize(*cases("sample_size"))
def test_how_many_members_prove_a_difference(given, expected):
    assert sample_size(float(given["p1"]), float(given["p2"])) == expected["per_arm"]


def test_an_arm_of_nobody_has_no_effect():
    assert uplift_rate(Arm(0, 0), Arm(1, 10)) is None
    assert uplift_rate(Arm(1, 10), Arm(0, 0)) is None
    assert uplift_mean(Sums(1, Decimal(5), Decimal(25)), Sums(9, Decimal(5), Decimal(25))) is None
    assert smallest_effect(0.03, 0, 100) is None


def test_a_hold_out_without_orders_has_no_relative_effect():
    assert uplift_rate(Arm(5, 100), Arm(0, 100)).relative is None


def test_where_nobody_differs_the_interval_is_a_point():
    effect = uplift_mean(Sums(10, Decimal(50), Decimal(250)), Sums(10, Decimal(20), Decimal(40)))

    assert (effect.difference, effect.interval, effect.df) == (3.0, Interval(3.0, 3.0), None)


def test_a_cost_without_a_proved_effect_is_not_divided():
    unproved = uplift_rate(Arm(60, 1000), Arm(45, 1000), cost=Decimal(800))
    worse = uplift_rate(Arm(10, 1000), Arm(90, 1000), cost=Decimal(800))

    assert (unproved.cost_each, unproved.cost_range) == (None, None)
    assert worse.is_significant
    assert worse.cost_each is None


arms = some.integers(1, 100_000).flatmap(lambda n: some.builds(Arm, some.integers(0, n), some.just(n)))


@for_all(arms, arms)
@example(Arm(0, 1), Arm(1, 1))
def test_the_interval_holds_the_difference_and_turns_with_the_arms(one, two):
    effect, turned = uplift_rate(one, two), uplift_rate(two, one)

    assert -1 - 1e-9 <= effect.newcombe.low <= effect.difference + 1e-12
    assert effect.difference - 1e-12 <= effect.newcombe.high <= 1 + 1e-9
    assert turned.newcombe.low == pytest.approx(-effect.newcombe.high, abs=1e-12)
    assert turned.difference == pytest.approx(-effect.difference)


@for_all(arms)
def test_one_rates_limits_hold_it(arm):
    low, high = wilson(arm)

    assert 0 <= low <= arm.rate + 1e-12
    assert arm.rate - 1e-12 <= high <= 1


@for_all(some.floats(0.001, 0.9), some.floats(0.001, 0.05))
def test_the_smallest_effect_is_what_the_sample_size_was_reckoned_for(rate, effect):
    assume(rate + effect < 1)
    size = sample_size(rate, rate + effect)

    found = smallest_effect(rate, size, size)

    assert found <= effect + 1e-9
    assert smallest_effect(rate, size - 1, size - 1) >= effect - 1e-9 or size == 1


@for_all(some.integers(2, 10_000), some.integers(2, 10_000))
def test_more_members_prove_less(sent, held_out):
    found, more = smallest_effect(0.03, sent, held_out), smallest_effect(0.03, sent * 2, held_out * 2)

    assert more is not None or found is None
    assert found is None or more <= found


def test_an_audience_of_a_few_can_prove_nothing():
    assert smallest_effect(0.5, 3, 3) is None
    assert smallest_effect(1.0, 1000, 1000) is None


@pytest.mark.parametrize(("rate", "other"), [(0.03, 0.03), (-0.1, 0.5), (0.5, 1.1)])
def test_no_number_of_members_proves_nonsense(rate, other):
    with pytest.raises(ValueError, match="No number of members"):
        sample_size(rate, other)


# Table values of Student's t, 97.5 %, and others to check the tails; printed in every collection of tables.
@pytest.mark.parametrize(
    ("share", "df", "value"),
    [
        (0.975, 1, 12.7062047362),
        (0.975, 2, 4.3026527297),
        (0.975, 3, 3.1824463053),
        (0.975, 4, 2.7764451052),
        (0.975, 5, 2.5705818356),
        (0.975, 10, 2.2281388520),
        (0.975, 20, 2.0859634473),
        (0.975, 30, 2.0422724563),
        (0.975, 60, 2.0002978220),
        (0.975, 120, 1.9799304051),
        (0.995, 10, 3.1692726726),
        (0.95, 7, 1.8945786051),
        (0.5, 7, 0.0),
        (0.9995, 1, 636.6192487688),
    ],
)
def test_quantiles_of_students_t_are_those_of_the_tables(share, df, value):
    assert t_quantile(share, df) == pytest.approx(value, abs=2e-9, rel=1e-9)


def test_with_many_degrees_of_freedom_it_is_the_normal_distribution():
    assert t_quantile(0.975, 1e7) == pytest.approx(1.959964, abs=1e-6)


@for_all(some.floats(0.001, 0.999), some.floats(1, 1e6))
def test_a_quantile_is_what_its_share_lies_below(share, df):
    value = t_quantile(share, df)

    assert t_share(value, df) == pytest.approx(share, abs=1e-9)
    assert t_quantile(1 - share, df) == pytest.approx(-value, abs=1e-6, rel=1e-6)


@for_all(some.floats(0.5, 50), some.floats(0.5, 50), some.floats(0, 1))
def test_the_incomplete_beta_function_is_its_own_mirror(a, b, x):
    assert incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x) == pytest.approx(1, abs=1e-9)
    assert incomplete_beta(1, 1, x) == pytest.approx(x, abs=1e-12)


@pytest.mark.parametrize(("share", "df"), [(0, 5), (1, 5), (0.5, 0.9)])
def test_a_quantile_that_does_not_exist_is_refused(share, df):
    with pytest.raises(ValueError, match="No quantile"):
        t_quantile(share, df)
