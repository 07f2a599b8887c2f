"""Where a customer stands, by the date (handbook 3 §4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.value.lifecycle import Bought, Lifecycle, Signs, lifecycle, transitions
from tests.handbook import cases

FIRST = date(2025, 1, 1)


def day(text):
    return text and date.fromisoformat(text)


def signs(given):
    return Signs(
        enquiries=tuple(map(day, given.get("enquiries", ()))),
        orders=tuple(Bought(day(order["paid"]), day(order.get("fully_refunded"))) for order in given["orders"]),
        referrals=tuple(map(day, given.get("referrals", ()))),
    )


@pytest.mark.parametrize(*cases("lifecycle", page="service_members"))
def test_the_state_is_a_function_of_the_date(given, expected):
    states = [[text, lifecycle(signs(given), day(text)).value] for text in given["dates"]]

    assert states == expected["states"]


@pytest.mark.parametrize(*cases("lifecycle", page="service_members"))
def test_the_stored_transitions_give_the_same_states(given, expected):
    moves = transitions(signs(given), day(given["dates"][-1]))

    for text, state in expected["states"]:
        told = [to for on, to in moves if on <= day(text)]
        assert (told[-1] if told else Lifecycle.UNKNOWN) == state


def bought(*days):
    return tuple(Bought(FIRST + timedelta(days=number)) for number in days)


@pytest.mark.parametrize(
    ("later", "state"),
    [(180, Lifecycle.FIRST_BUYER), (181, Lifecycle.DORMANT), (365, Lifecycle.DORMANT), (366, Lifecycle.LOST)],
)
def test_dormant_after_180_days_and_lost_after_365(later, state):
    assert lifecycle(Signs(orders=bought(0)), FIRST + timedelta(days=later)) == state


def test_loyal_needs_four_purchases_within_a_year():
    spread = Signs(orders=bought(0, 100, 200, 364))

    assert lifecycle(spread, FIRST + timedelta(days=364)) == Lifecycle.LOYAL
    assert lifecycle(spread, FIRST + timedelta(days=365)) == Lifecycle.REPEAT


def test_recommending_needs_two_purchases_of_their_own():
    told = (FIRST + timedelta(days=1),)

    assert lifecycle(Signs(orders=bought(0), referrals=told), FIRST + timedelta(days=1)) == Lifecycle.FIRST_BUYER
    assert lifecycle(Signs(orders=bought(0, 1), referrals=told), FIRST + timedelta(days=1)) == Lifecycle.ADVOCATE


def test_a_recommendation_counts_for_a_year():
    told = Signs(orders=bought(100, 300), referrals=(FIRST,))

    assert lifecycle(told, FIRST + timedelta(days=364)) == Lifecycle.ADVOCATE
    assert lifecycle(told, FIRST + timedelta(days=365)) == Lifecycle.REPEAT


def test_an_enquiry_after_the_last_purchase_is_no_purchase():
    """L is the last purchase where there is one: asking does not keep somebody awake."""
    told = Signs(enquiries=(FIRST + timedelta(days=170),), orders=bought(0))

    assert lifecycle(told, FIRST + timedelta(days=181)) == Lifecycle.DORMANT


days = some.integers(0, 900).map(lambda number: FIRST + timedelta(days=number))
told = some.builds(
    Signs,
    some.lists(days, max_size=3).map(tuple),
    some.lists(some.builds(Bought, days, some.none() | days), max_size=7).map(tuple),
    some.lists(days, max_size=3).map(tuple),
)


@for_all(told)
def test_between_transitions_nothing_moves(signs):
    """On every day of six years the last stored transition says what the function says."""
    until = FIRST + timedelta(days=2200)
    moves = dict(transitions(signs, until))
    state = Lifecycle.UNKNOWN

    for number in range(2200):
        on = FIRST + timedelta(days=number)
        state = moves.get(on, state)
        assert lifecycle(signs, on) == state


@for_all(told, days)
def test_what_comes_later_does_not_change_what_was(signs, on):
    known = Signs(
        tuple(each for each in signs.enquiries if each <= on),
        tuple(
            Bought(order.day, order.refunded_day if order.refunded_day and order.refunded_day <= on else None)
            for order in signs.orders
            if order.day <= on
        ),
        tuple(each for each in signs.referrals if each <= on),
    )

    assert lifecycle(known, on) == lifecycle(signs, on)
