from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from products.orders.rules import (
    Bucket,
    Line,
    due_at,
    due_bucket,
    open_pieces,
    refund_action,
    refund_cap,
    shipping_state,
)
from products.orders.states import State, may_become
from tests.handbook import cases

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text):
    return text and datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(*cases("due"))
def test_an_order_is_due_48_hours_after_payment_or_on_its_promised_day(given, expected):
    promised = given.get("promised")

    due = due_at(moment(given["paid_at"]), promised=promised and date.fromisoformat(promised), zone=SHANGHAI)
    bucket = due_bucket(due, now=moment(given["now"]), shipped_at=moment(given.get("shipped_at")))

    assert due.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") == expected["due"]
    assert bucket == expected["bucket"]


@pytest.mark.parametrize(
    ("left", "bucket"),
    [
        (timedelta(seconds=-1), "overdue"),
        (timedelta(0), "<=2h"),
        (timedelta(hours=2), "<=2h"),
        (timedelta(hours=2, seconds=1), "<=6h"),
        (timedelta(hours=6, seconds=1), "<=24h"),
        (timedelta(hours=24), "<=24h"),
        (timedelta(hours=24, seconds=1), "later"),
    ],
)
def test_buckets_hold_their_limit(left, bucket):
    due = datetime(2026, 3, 3, 12, tzinfo=UTC)

    assert due_bucket(due, now=due - left) == bucket


def test_shipped_after_the_limit_is_late_whatever_the_time_is_now():
    due = datetime(2026, 3, 3, 12, tzinfo=UTC)

    assert due_bucket(due, now=due - timedelta(days=9), shipped_at=due + timedelta(seconds=1)) == Bucket.LATE
    assert due_bucket(due, now=due + timedelta(days=9), shipped_at=due) == Bucket.MET


def test_a_channel_sets_its_hours_and_summer_time_does_not_stretch_them():
    paid = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/London"))  # the clocks change on the 29th

    assert due_at(paid, hours=24) - paid.astimezone(UTC) == timedelta(hours=24)


@pytest.mark.parametrize(*cases("partial"))
def test_an_order_is_shipped_when_nothing_is_open(given, expected):
    lines = [Line(**line) for line in given["lines"]]

    assert {"state": shipping_state(lines), "open_pieces": open_pieces(lines)} == expected


def test_without_a_parcel_an_order_is_not_shipped_even_if_nothing_is_open():
    assert shipping_state([Line(ordered=1, shipped=0, refunded=1)]) is None


def test_one_line_sent_twice_does_not_fill_another():
    assert shipping_state([Line(2, 4, 0), Line(2, 0, 0)]) == State.PARTLY_SHIPPED


@pytest.mark.parametrize(*cases("refund_cap", page="products_orders"))
def test_refunds_never_exceed_what_was_paid(given, expected):
    refunds = [(Decimal(refund["amount"]), refund["status"].lower()) for refund in given["refunds"]]

    cap = refund_cap(Decimal(given["paid"]), refunds)

    found = {
        "refunded": str(cap.refunded),
        "max_new": str(cap.max_new),
        "new_ok": cap.allows(Decimal(given["new"])),
        "fully_refunded": cap.fully_refunded,
    }
    assert found == expected


@pytest.mark.parametrize(
    ("amount", "allowed"), [("60.00", True), ("0.01", True), ("0.00", False), ("-1.00", False), ("60.01", False)]
)
def test_a_new_refund_is_above_zero_and_within_the_rest(amount, allowed):
    cap = refund_cap(Decimal("100.00"), [(Decimal("40.00"), "success")])

    assert cap.allows(Decimal(amount)) is allowed


def test_more_refunded_than_paid_leaves_nothing_rather_than_less():
    cap = refund_cap(Decimal("10.00"), [(Decimal("12.00"), "success")])

    assert (cap.max_new, cap.fully_refunded) == (0, True)
    assert refund_cap(Decimal(0), []).fully_refunded is False


@pytest.mark.parametrize(*cases("refund_action"))
def test_a_refund_moves_goods_by_the_orders_state(given, expected):
    step = refund_action(
        given["state"],
        given["event"].lower(),
        signed=given.get("signed", False),
        all_lines=given.get("all_lines", False),
        goods_return=given.get("has_good_return", True),
    )

    assert {name: getattr(step, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("state", "event", "options", "action", "becomes"),
    [
        ("paid", "opened", {}, "line held", None),
        ("held", "success", {}, "release reservation", None),
        ("packed", "opened", {}, "pull out, alarm", "approved"),
        ("packed", "success", {"all_lines": True}, "cancel waybill, goods back to shelf", "closed_refunded"),
        ("in_wave", "success", {}, "cancel waybill, goods back to shelf", "approved"),
        ("partly_shipped", "opened", {}, "line held", None),
        ("shipped", "opened", {}, "ask courier to intercept", "intercepting"),
        ("intercepting", "success", {"all_lines": True}, "wait for goods", "closed_refunded"),
        ("shipped", "opened", {"signed": True}, "return expected", None),
        ("finished", "success", {}, "quarantine", None),
        ("finished", "success", {"all_lines": True, "goods_return": False}, "no stock move", "closed_refunded"),
        ("packed", "closed", {}, "lift hold", None),
        ("finished", "closed", {}, "nothing", None),
        ("unpaid", "opened", {}, "nothing", None),
    ],
)
def test_the_whole_table_of_refunds(state, event, options, action, becomes):
    assert refund_action(state, event, **options) == (action, becomes)


def _way_exists(start, end):
    seen, edge = {start}, {start}
    while edge:
        edge = {wanted for state in edge for wanted in State if may_become(state, wanted)} - seen
        seen |= edge
    return end in seen


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", ["opened", "success", "closed"])
@pytest.mark.parametrize("signed", [True, False])
def test_a_refund_asks_for_no_state_the_machine_forbids(state, event, signed):
    step = refund_action(state, event, signed=signed, all_lines=True)

    assert step.state is None or _way_exists(state, step.state)
