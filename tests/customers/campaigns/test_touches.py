"""Which campaign an order is credited to (handbook 3 §6)."""

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.campaigns.touches import Touch, Touched, touch_attribution
from tests.customers.clocks import moment
from tests.handbook import cases

ORDERED = moment("2026-06-18 12:00:00")


@pytest.mark.parametrize(*cases("touch_attribution"))
def test_one_order_is_credited_to_one_campaign(given, expected):
    touches = [
        Touched(Touch(touch["type"]), moment(touch["at"]), touch["campaign"], is_held_out=touch.get("arm") == "holdout")
        for touch in given["touches"]
    ]

    found = touch_attribution(moment(given["order_created"]), touches)

    assert {"campaign": found and found.campaign, "by": found and found.touch.value} == expected


def before(touch, campaign=1, *, is_bot=False, **span):
    return Touched(touch, ORDERED - timedelta(**span), campaign, is_bot=is_bot)


@pytest.mark.parametrize(
    ("touch", "counts"),
    [
        (before(Touch.CLICK, days=7), True),
        (before(Touch.CLICK, days=7, seconds=1), False),
        (before(Touch.DELIVERED, days=3), True),
        (before(Touch.DELIVERED, days=3, seconds=1), False),
        (before(Touch.CLICK, seconds=0), False),
        (before(Touch.CLICK, seconds=-1), False),
        (before(Touch.CLICK, days=1, is_bot=True), False),
    ],
)
def test_seven_days_for_clicks_three_for_deliveries_and_no_bots(touch, counts):
    assert touch_attribution(ORDERED, [touch]) == (touch if counts else None)


def test_the_latest_then_the_higher_campaign():
    clicks = [before(Touch.CLICK, 9, days=2), before(Touch.CLICK, 3, days=1), before(Touch.CLICK, 8, days=1)]

    assert touch_attribution(ORDERED, clicks).campaign == 8


touches = some.lists(
    some.builds(
        Touched,
        some.sampled_from(Touch),
        some.integers(-1, 9).map(lambda days: ORDERED - timedelta(days=days)),
        some.integers(1, 5),
        some.booleans(),
        some.booleans(),
    )
)


@for_all(touches, some.randoms())
def test_the_order_of_touches_changes_nothing(told, chance):
    turned = list(told)
    chance.shuffle(turned)

    assert touch_attribution(ORDERED, turned) == touch_attribution(ORDERED, told)
