"""The factories leave orders as an import would."""

from decimal import Decimal

import pytest

from shopops import clock
from tests.factories.orders import make_channel, make_customer, make_order, make_refund

pytestmark = pytest.mark.django_db


def test_a_line_bears_its_part_of_what_was_paid_without_postage():
    order = make_order(lines=[("A1", 2, "50"), ("B2", 1, "29.90")], discount_store="9.90", postage="8")

    assert (order.payable, order.paid, order.goods_paid) == (Decimal("128.00"), Decimal("128.00"), Decimal("120.00"))
    assert [line.paid for line in order.lines.order_by("position")] == [Decimal("92.38"), Decimal("27.62")]
    assert (order.pieces, order.line_count, order.titles) == (3, 2, "Item A1，Item B2")


def test_an_order_is_due_by_its_channels_hours_after_payment():
    order = make_order(make_channel(ship_hours=24), created="2026-03-24 14:30")

    assert clock.store_time(order.due_at).isoformat() == "2026-03-25T14:30:00+08:00"


def test_an_order_never_paid_has_no_money_and_no_time_to_ship():
    order = make_order(paid="99.00", paid_at=None)

    assert (order.state, order.paid, order.payable, order.due_at) == ("unpaid", Decimal(0), Decimal("99.00"), None)


def test_a_refund_counts_on_its_order_and_its_goods():
    order = make_order(lines=[("A1", 1, "60"), ("B2", 1, "40")], customer=make_customer("小鹿"))

    refund = make_refund(order, "50", done="2026-03-27 10:00")

    order.refresh_from_db()
    assert order.refunded == Decimal(50)
    assert [line.amount for line in refund.lines.order_by("position")] == [Decimal(30), Decimal(20)]
    assert clock.store_time(refund.counted_at).isoformat() == "2026-03-27T10:00:00+08:00"
    assert refund.buyer_key == "id:小鹿"


def test_an_open_refund_is_no_money_yet_and_waits_for_an_answer():
    refund = make_refund(make_order(), state="open", asked="2026-03-25 09:00")

    assert (refund.order.refunded, refund.counted_at) == (Decimal(0), None)
    assert clock.store_time(refund.due_at).isoformat() == "2026-03-27T09:00:00+08:00"
