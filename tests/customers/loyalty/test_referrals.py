"""When a recommendation counts (handbook 3 §4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.loyalty.referrals import FirstOrder, Referral, State, referral
from tests.handbook import cases


def day(text):
    return text and date.fromisoformat(text)


def read(row):
    order = row.get("first_order")
    return Referral(
        on=day(row["on"]),
        is_same_person=row.get("same_phone", False),
        has_bought_before=row.get("bought_before", False),
        first_order=order
        and FirstOrder(day(order["paid"]), day(order.get("finished")), order.get("fully_refunded", False)),
    )


@pytest.mark.parametrize(*cases("referral"))
def test_a_new_person_who_pays_keeps_and_is_not_the_same(given, expected):
    states = []
    for row in given["referrals"]:
        found = referral(read(row), day(given["as_of"]))
        states.append([row["new_person"], found.state.value, found.since and found.since.isoformat()])

    assert states == expected["states"]


ON = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("paid", "as_of", "state"),
    [
        (None, date(2026, 5, 31), State.WAITING),
        (None, date(2026, 6, 1), State.EXPIRED),
        (date(2026, 5, 31), date(2026, 6, 30), State.WAITING),
        (date(2026, 6, 1), date(2026, 5, 20), State.WAITING),  # not yet paid on that day
    ],
)
def test_thirty_days_to_pay(paid, as_of, state):
    order = paid and FirstOrder(paid)

    assert referral(Referral(ON, first_order=order), as_of).state == state


def test_successful_from_the_day_after_the_refund_window():
    case = Referral(ON, first_order=FirstOrder(date(2026, 5, 2), date(2026, 6, 1)))

    assert referral(case, date(2026, 6, 16)).state == State.WAITING
    assert referral(case, date(2026, 6, 17)) == (State.SUCCESSFUL, date(2026, 6, 17))


@for_all(
    some.integers(0, 60),
    some.none() | some.integers(0, 60),
    some.integers(0, 200),
)
def test_what_is_successful_stays_so(paid, finished, as_of):
    order = FirstOrder(ON + timedelta(days=paid), None if finished is None else ON + timedelta(days=paid + finished))
    case, on = Referral(ON, first_order=order), ON + timedelta(days=as_of)

    found, later = referral(case, on), referral(case, on + timedelta(days=50))

    if found.state == State.SUCCESSFUL:
        assert later == found
        assert found.since <= on
    assert found.state in {State.WAITING, State.SUCCESSFUL, State.EXPIRED}
