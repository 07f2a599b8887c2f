"""The preview of an import: what changes from what to what, and what it does to the months' figures."""

import pytest

from products.orders import checking, preview
from products.orders.merge import merging
from products.orders.models import Order
from shopops import clock
from tests.factories.orders import make_channel
from tests.factories.staged import make_batch, merge_rows, stage

pytestmark = pytest.mark.django_db


def order_row(number: str, **values: object) -> dict[str, object]:
    return {
        "rec": "order", "order_number": number, "state": "paid", "platform_state": "paid", "buyer_id": "小雨淅沥沥",
        "created_at": "2026-03-24 10:00", "paid_at": "2026-03-24 10:01", "paid": "100.00", "payable": "100.00", **values,
    }  # fmt: skip


def refund_row(number: str, order: str, amount: str, state: str = "success") -> dict[str, object]:
    return {
        "rec": "refund", "refund_number": number, "refund_order": order, "refund_amount": amount, "refund_state": state,
        "done_at": "2026-03-26 09:00", "requested_at": "2026-03-25 09:00",
    }  # fmt: skip


@pytest.fixture
def shop():
    return make_channel("tb", platform="taobao", currency="CNY")


def previewed(shop, rows, grain="order"):
    batch = make_batch(shop, format={"order": "taobao_orders", "refund": "taobao_refunds"}[grain])
    stage(batch, rows)
    source = checking.source_of(batch)
    merging.prepare(source, clock.now())
    batch.reading = {"preview": preview.compute(source)}
    return batch, preview.shown(batch, shop)


def test_a_changed_order_shows_each_field_from_what_to_what(shop):
    merge_rows(shop, [order_row("A1"), order_row("A2")], grain="order")

    _batch, shown = previewed(
        shop,
        [order_row("A1", state="finished", paid="90.00", finished_at="2026-04-02 10:00"), order_row("A2")],
    )

    rows = {row["field"]: (row["before"], row["after"]) for row in shown["changes"]}
    assert {row["number"] for row in shown["changes"]} == {"A1"}
    assert rows["Paid"] == ("100.00", "90.00")
    assert rows["State"] == ("To ship", "Finished")


def test_months_say_orders_and_money_before_and_after(shop):
    merge_rows(shop, [order_row("A1"), order_row("A2", paid_at="2026-04-01 00:30")], grain="order")

    _batch, shown = previewed(
        shop,
        [
            order_row("A1", state="finished", paid="90.00", finished_at="2026-04-02 10:00"),
            order_row("A3", paid="50.50"),
            order_row("A4", paid_at="2026-05-03 10:00", created_at="2026-05-03 09:00", paid="7.00"),
            order_row("A5", paid_at=None, paid=None, state="unpaid"),
        ],
    )

    assert shown["months"] == [
        {"month": "2026-03", "orders": "1", "orders_after": "2", "paid": "¥100.00", "paid_after": "¥140.50"},
        {"month": "2026-05", "orders": "0", "orders_after": "1", "paid": "¥0.00", "paid_after": "¥7.00"},
    ]


def test_an_order_paid_in_another_month_leaves_the_one_and_enters_the_other(shop):
    merge_rows(shop, [order_row("A1")], grain="order")

    _batch, shown = previewed(shop, [order_row("A1", paid_at="2026-04-01 10:00", modified_at="2026-04-02 10:00")])

    assert [(row["month"], row["orders"], row["orders_after"]) for row in shown["months"]] == [
        ("2026-03", "1", "0"),
        ("2026-04", "0", "1"),
    ]


def test_the_same_file_again_changes_no_field_and_no_month(shop):
    merge_rows(shop, [order_row("A1"), order_row("A2")], grain="order")

    _batch, shown = previewed(shop, [order_row("A1"), order_row("A2")])

    assert shown == {"changes": [], "months": [], "no_figures": False}


def test_a_changed_refund_is_shown_with_its_number(shop):
    merge_rows(shop, [order_row("A1")], grain="order")
    merge_rows(shop, [refund_row("R1", "A1", "20.00", state="open")], grain="refund")

    _batch, shown = previewed(shop, [refund_row("R1", "A1", "25.00")], grain="refund")

    assert {(row["of"], row["field"], row["before"], row["after"]) for row in shown["changes"]} == {
        ("refund R1", "Amount", "20.00", "25.00"),
        ("refund R1", "State", "Asked, unanswered", "Refunded"),
    }


def test_buyers_are_kept_masked(shop):
    merge_rows(shop, [order_row("A1", buyer_id="")], grain="order")

    batch, _shown = previewed(shop, [order_row("A1", modified_at="2026-04-02 10:00")])

    assert "淅沥" not in str(batch.reading)
    assert any(row[3] == "buyer" for row in batch.reading["preview"]["changes"])


def test_the_sample_is_capped(shop):
    merge_rows(shop, [order_row(f"A{n:03}") for n in range(60)], grain="order")

    _batch, shown = previewed(shop, [order_row(f"A{n:03}", memo="later") for n in range(60)])

    assert len({row["number"] for row in shown["changes"]}) == 20


def test_the_counts_lead_to_the_orders_and_refunds_they_count(shop, client_of):
    manager = client_of("manager")
    merge_rows(shop, [order_row("A1"), order_row("A2")], grain="order")
    merge_rows(shop, [refund_row("R1", "A1", "20.00", state="open")], grain="refund")
    orders, refunds = make_batch(shop), make_batch(shop)

    merge_rows(shop, [order_row("A1", memo="later"), order_row("A2"), order_row("A3")], grain="order", batch=orders)
    merge_rows(shop, [refund_row("R1", "A1", "25.00"), refund_row("R2", "A2", "5.00")], grain="refund", batch=refunds)

    def listed(path):
        return [line["row"].number for line in manager.get(path).context["lines"]]

    assert (orders.counts["changed"], listed(f"/orders/?batch={orders.pk}&what=changed")) == (1, ["A1"])
    assert listed(f"/orders/?batch={orders.pk}&what=new") == ["A3"]
    assert sorted(listed(f"/orders/?batch={orders.pk}")) == ["A1", "A3"]
    assert (refunds.counts["refunds_changed"], listed(f"/refunds/?batch={refunds.pk}&what=changed")) == (1, ["R1"])
    assert listed(f"/refunds/?batch={refunds.pk}&what=new") == ["R2"]
    assert listed(f"/orders/?batch={refunds.pk}&what=changed") == []
    page = manager.get(f"/orders/imports/{refunds.pk}/").content.decode()
    assert f"/refunds/?batch={refunds.pk}&amp;what=changed" in page
    assert Order.objects.get(number="A1").refunded == 25
