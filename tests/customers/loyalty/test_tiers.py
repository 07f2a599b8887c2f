"""Member tiers over the years (handbook 3 §4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.loyalty.tiers import LADDER, Completed, Move, Refunded, Tier, plus_a_year, spend, tier
from tests.handbook import cases

day = date.fromisoformat


def told(standing):
    return {
        "history": [[step.day.isoformat(), step.tier.value, step.move.value] for step in standing.history],
        "tier": standing.tier.value,
        "period_end": standing.period_end and standing.period_end.isoformat(),
        "in_grace": standing.in_grace,
        "rolling_spend": f"{standing.rolling_spend:.2f}",
    }


def orders(*rows):
    return [Completed(day(on), Decimal(goods)) for on, goods in rows]


@pytest.mark.parametrize(*cases("tier"))
def test_up_at_once_down_after_a_year_and_its_grace(given, expected):
    refunds = [Refunded(day(on), order, Decimal(goods)) for on, order, goods in given.get("refunds", [])]

    assert told(tier(orders(*given["orders"]), refunds, day(given["as_of"]))) == expected


def history(rows, as_of, refunds=()):
    return told(tier(orders(*rows), refunds, day(as_of)))["history"]


def test_grace_lasts_thirty_days_and_ends_on_the_thirty_first():
    rows = [("2025-01-10", "1200")]  # the period ends on 2026-01-10, when the order is a year old

    assert tier(orders(*rows), [], day("2026-01-10")).in_grace is False
    assert tier(orders(*rows), [], day("2026-01-11")).in_grace is True
    assert tier(orders(*rows), [], day("2026-02-09")).tier == Tier.SILVER
    assert history(rows, "2026-02-10")[-1] == ["2026-02-10", "normal", "downgrade"]


def test_a_small_order_on_the_last_day_of_grace_neither_renews_nor_ends_it():
    rows = [("2025-01-10", "1200"), ("2026-02-09", "10")]

    assert tier(orders(*rows), [], day("2026-02-09")).tier == Tier.SILVER
    assert history(rows, "2026-02-10")[-1] == ["2026-02-10", "normal", "downgrade"]


def test_enough_at_the_end_of_the_period_renews_it_that_day():
    rows = [("2025-01-10", "1200"), ("2025-06-01", "1000")]

    assert history(rows, "2026-01-10")[-1] == ["2026-01-10", "silver", "renewed"]
    assert tier(orders(*rows), [], day("2026-01-10")).period_end == day("2027-01-10")


def test_after_grace_the_tier_is_what_the_spend_supports():
    rows = [("2025-01-10", "6000"), ("2025-06-01", "1500")]

    found = tier(orders(*rows), [], day("2026-02-10"))
    assert found.history[-1] == (day("2026-02-10"), Tier.SILVER, Move.DOWNGRADE)
    assert found.period_end == day("2027-02-10")


def test_an_order_in_the_grace_may_lift_instead_of_renewing():
    assert history([("2025-01-10", "1200"), ("2026-01-20", "5000")], "2026-01-20")[-1] == [
        "2026-01-20",
        "gold",
        "upgrade",
    ]


def test_a_refund_lowers_the_order_it_belongs_to():
    """A refund of this month on an order of last year takes nothing from this year's spend."""
    rows = [("2024-06-01", "900"), ("2025-06-01", "900")]

    assert spend(orders(*rows), [Refunded(day("2025-06-10"), 0, Decimal(900))], day("2025-06-10")) == 900
    assert spend(orders(*rows), [Refunded(day("2025-06-10"), 1, Decimal(900))], day("2025-06-10")) == 0


def test_reaching_the_same_tier_again_does_not_lengthen_the_period():
    assert tier(orders(("2025-01-10", "1200"), ("2025-11-01", "3000")), [], day("2025-12-01")).period_end == day(
        "2026-01-10"
    )


@pytest.mark.parametrize(
    ("begin", "end"),
    [("2028-02-29", "2029-02-28"), ("2027-02-28", "2028-02-28"), ("2026-12-31", "2027-12-31")],
)
def test_a_period_is_twelve_months(begin, end):
    assert plus_a_year(day(begin)) == day(end)


rows = some.lists(
    some.builds(
        Completed,
        some.integers(0, 900).map(lambda number: date(2025, 1, 1) + timedelta(days=number)),
        some.sampled_from([100, 900, 1500, 4000, 21000]).map(Decimal),
    ),
    max_size=6,
)


@for_all(rows, some.integers(0, 1500))
def test_a_tier_is_never_below_what_the_spend_of_the_day_supports(told, number):
    as_of = date(2025, 1, 1) + timedelta(days=number)

    found = tier(told, [], as_of)

    supported = [each for each, least in LADDER.items() if found.rolling_spend >= least]
    assert list(Tier).index(found.tier) >= list(Tier).index(supported[-1])
    assert (found.period_end is None) == (found.tier == Tier.NORMAL)
    assert found.period_end is None or as_of <= found.period_end + timedelta(days=30)


@for_all(rows, some.integers(0, 1500), some.integers(0, 1500))
def test_what_was_stays_when_time_goes_on(told, one, two):
    """The history of a later day begins with that of an earlier one: it can be stored and made again."""
    earlier, later = (date(2025, 1, 1) + timedelta(days=number) for number in sorted((one, two)))

    before = tier(told, [], earlier).history
    assert tier(told, [], later).history[: len(before)] == before


@for_all(rows, some.integers(0, 1500), some.randoms())
def test_the_order_of_the_orders_changes_nothing(told, number, chance):
    turned = list(told)
    chance.shuffle(turned)
    as_of = date(2025, 1, 1) + timedelta(days=number)

    assert tier(turned, [], as_of) == tier(told, [], as_of)
