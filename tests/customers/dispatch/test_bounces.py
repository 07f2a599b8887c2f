"""What returned mail says of an address (handbook 3 §5.2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.dispatch.bounces import (
    AddressState,
    Bounces,
    Event,
    Kind,
    at_handover,
    bounce_state,
    classify,
    judge,
    status_code,
)
from customers.dispatch.complaints import Reputation, reputation
from tests.handbook import cases

FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(*cases("bounce_state"))
def test_where_an_address_stands_after_its_events(given, expected):
    state = bounce_state(
        Event(date.fromisoformat(event["on"]), classify(event["type"], event.get("status", "")))
        for event in given["events"]
    )

    assert {
        "state": state.state.value,
        "since": state.since and state.since.isoformat(),
        "soft_in_a_row": state.soft_in_a_row,
    } == expected


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        *[("failed", code, Kind.HARD) for code in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")],
        ("failed", "5.7.1", Kind.POLICY),
        ("failed", "5.7.26", Kind.POLICY),
        ("failed", "5.2.2", Kind.SOFT),
        ("failed", "4.2.2", Kind.SOFT),
        ("failed", "4.4.1", Kind.SOFT),
        ("failed", "5.0.0", Kind.SOFT),  # says nothing
        ("failed", "5.1.11", Kind.SOFT),
        ("failed", "", Kind.SOFT),
        ("delayed", "4.4.1", Kind.NOTE),
        ("delayed", "5.1.1", Kind.NOTE),
        ("relayed", "2.0.0", Kind.NOTE),
        ("delivered", "2.0.0", Kind.DELIVERED),
    ],
)
def test_only_codes_that_say_no_such_address_end_it_at_once(action, status, kind):
    assert classify(action, status) == kind


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("5.1.1",), "5.1.1"),
        (("smtp; 550 5.1.1 <a@b.cn>: user unknown",), "5.1.1"),
        (("5.0.0", "smtp; 550 5.1.1 unknown"), "5.1.1"),
        (("5.0.0", "smtp; 550"), "5.0.0"),
        (("connect to 192.5.1.1: refused",), ""),
        (("", "550 user unknown"), ""),
    ],
)
def test_the_code_that_says_most_is_read(texts, code):
    assert status_code(*texts) == code


@pytest.mark.parametrize(
    ("text", "is_final", "kind"),
    [
        ("user unknown", True, Kind.HARD),
        ("5.0.0 failed", True, Kind.HARD),
        ("5.2.2 full", True, Kind.SOFT),
        ("5.7.1 spam", True, Kind.POLICY),
        ("5.1.1 unknown", False, Kind.SOFT),
        ("5.7.1 spam", False, Kind.POLICY),
    ],
)
def test_a_providers_word_decides_where_its_code_does_not(text, is_final, kind):
    assert judge(text, is_final=is_final) == kind


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (250, "2.1.5 OK", Kind.DELIVERED),
        (421, "4.7.0 try later", Kind.NOTE),
        (452, "full", Kind.NOTE),
        (550, "no such user", Kind.HARD),
        (550, "5.1.1 no such user", Kind.HARD),
        (554, "5.7.1 refused", Kind.POLICY),
    ],
)
def test_a_refusal_at_hand_over_is_final_from_500(code, text, kind):
    assert at_handover(code, text) == kind


def soft(day, campaign=None):
    return Event(FIRST + timedelta(days=day), Kind.SOFT, campaign)


def test_three_campaigns_in_a_row_end_it_not_three_reports_of_one():
    assert bounce_state([soft(0, 1), soft(1, 1), soft(2, 1)]) == Bounces(AddressState.OPEN, None, 1)
    assert bounce_state([soft(0, 1), soft(1, 2), soft(2, 3)]).state == AddressState.SUPPRESSED_SOFT


def test_a_hard_bounce_or_complaint_counts_also_after_soft_ones():
    ended = [soft(0), soft(1), soft(2), Event(date(2026, 2, 1), Kind.COMPLAINT), Event(date(2026, 3, 1), Kind.HARD)]

    assert bounce_state(ended) == Bounces(AddressState.SUPPRESSED_COMPLAINT, date(2026, 2, 1), 3)


def test_no_news_is_an_open_address():
    assert bounce_state([]) == Bounces(AddressState.OPEN, None, 0)


events = some.lists(
    some.builds(
        Event,
        some.integers(0, 20).map(lambda days: FIRST + timedelta(days=days)),
        some.sampled_from(Kind),
        some.none() | some.integers(1, 4),
    ),
    max_size=12,
)


@for_all(events, some.randoms())
def test_the_order_in_which_news_comes_changes_nothing(told, chance):
    turned = list(told)
    chance.shuffle(turned)

    assert bounce_state(turned) == bounce_state(told)


@for_all(events)
def test_policy_notes_and_unsubscribing_say_nothing_of_the_address(told):
    silent = {Kind.POLICY, Kind.NOTE, Kind.UNSUBSCRIBED}

    assert bounce_state(told) == bounce_state([event for event in told if event.kind not in silent])


@for_all(events)
def test_hard_bounces_and_complaints_are_for_good(told):
    ended = bounce_state([*told, Event(FIRST + timedelta(days=30), Kind.HARD)])

    assert ended.state in {AddressState.SUPPRESSED_HARD, AddressState.SUPPRESSED_COMPLAINT}
    assert bounce_state([*told, Event(FIRST + timedelta(days=30), Kind.HARD), soft(40), soft(41), soft(42)]) == ended


@pytest.mark.parametrize(
    ("complained", "delivered", "state"),
    [
        (0, 0, Reputation.GOOD),
        (0, 10_000, Reputation.GOOD),
        (9, 10_000, Reputation.GOOD),
        (10, 10_000, Reputation.WARN),
        (29, 10_000, Reputation.WARN),
        (30, 10_000, Reputation.STOP),
        (1, 0, Reputation.STOP),
    ],
)
def test_complaints_warn_at_one_in_a_thousand_and_stop_at_three(complained, delivered, state):
    assert reputation(complained, delivered) == state
