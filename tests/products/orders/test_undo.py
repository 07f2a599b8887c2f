"""An import nothing was built on is taken back whole: the content hash is the one before it."""

import pytest

from analytics.quality.fingerprint import fingerprint
from products.orders import undoing
from products.orders.following import follow
from products.orders.models import Order
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel
from tests.factories.staged import make_batch, merge_rows

pytestmark = pytest.mark.django_db


def order_row(number: str, **values: object) -> dict[str, object]:
    return {
        "rec": "order", "order_number": number, "state": "paid", "platform_state": "paid", "buyer_id": "lin",
        "created_at": "2026-03-24 10:00", "paid_at": "2026-03-24 10:01", "paid": "100.00", "payable": "100.00",
        "province": "浙江省", "receiver_name": "林小雨", "phone_mask": "154****0001", "phone_tail": "0001",
        "phone_digest": b"a" * 32, "phone_cipher": b"cipher-a", **values,
    }  # fmt: skip


def line_row(number: str, code: str, quantity: int = 1, price: str = "50.00", **values: object) -> dict[str, object]:
    return {
        "rec": "line", "order_number": number, "state": "paid", "created_at": "2026-03-24 10:00",
        "code": code, "title": f"Title {code}", "quantity": quantity, "unit_price": price, "line_kind": "goods", **values,
    }  # fmt: skip


def refund_row(number: str, order: str, amount: str, **values: object) -> dict[str, object]:
    return {
        "rec": "refund", "refund_number": number, "refund_order": order, "refund_amount": amount, "refund_state": "success",
        "done_at": "2026-03-26 09:00", "requested_at": "2026-03-25 09:00", **values,
    }  # fmt: skip


def take_back(batch: ImportBatch) -> None:
    undoing.undo(batch.pk, by=SYSTEM)
    follow([batch.pk], None)


def test_a_first_import_taken_back_leaves_nothing() -> None:
    shop = make_channel("tb", platform="taobao")
    before = fingerprint()
    batch = make_batch(shop)
    merge_rows(shop, [order_row("A1"), order_row("A2", buyer_id="mei")], grain="order", batch=batch)
    assert fingerprint() != before
    assert Order.objects.count() == 2
    take_back(batch)
    assert Order.objects.count() == 0
    assert fingerprint() == before
    batch.refresh_from_db()
    assert batch.state == "undone"


def test_changed_orders_lines_and_contacts_get_their_former_values() -> None:
    shop = make_channel("tb", platform="taobao")
    merge_rows(shop, [order_row("A1", phone_digest=b"b" * 32, phone_cipher=b"cipher-b")], grain="order")
    merge_rows(shop, [line_row("A1", "X"), line_row("A1", "Y")])
    before = fingerprint()
    contact = bytes(Order.objects.get().contact.phone)
    batch = make_batch(shop)
    later = order_row(
        "A1",
        state="closed_refunded",
        paid="100.00",
        stated_refund="40.00",
        finished_at="2026-03-28 10:00",
        buyer_id="lin2",
    )
    merge_rows(shop, [later, order_row("A2")], grain="order", batch=batch)
    order = Order.objects.get(number="A1")
    assert (order.state, order.refunded) == ("closed_refunded", 40)
    assert bytes(order.contact.phone) == b"cipher-a"
    take_back(batch)
    assert fingerprint() == before
    assert bytes(Order.objects.get().contact.phone) == contact


def test_itemised_refunds_taken_back_give_the_summary_its_rest_again() -> None:
    shop = make_channel("tb", platform="taobao")
    merge_rows(shop, [order_row("A1", stated_refund="60.00")], grain="order")
    merge_rows(shop, [line_row("A1", "X"), line_row("A1", "Y")])
    before = fingerprint()
    batch = make_batch(shop)
    merge_rows(shop, [refund_row("R1", "A1", "25.00")], grain="refund", batch=batch)
    order = Order.objects.get()
    assert sorted((refund.number, refund.amount) for refund in order.refunds.all()) == [("R1", 25), ("~A1", 35)]
    take_back(batch)
    assert fingerprint() == before


def test_an_import_that_a_later_one_changed_is_not_taken_back() -> None:
    shop = make_channel("tb", platform="taobao")
    batch = make_batch(shop)
    merge_rows(shop, [order_row("A1")], grain="order", batch=batch)
    later = make_batch(shop)
    merge_rows(shop, [order_row("A1", state="finished", finished_at="2026-03-28 10:00")], grain="order", batch=later)
    before = fingerprint()
    with pytest.raises(undoing.CannotUndo, match=f"#{later.pk} changed its orders"):
        take_back(batch)
    assert fingerprint() == before
    take_back(later)
    take_back(batch)
    assert Order.objects.count() == 0


def test_an_import_whose_orders_somebody_changed_is_not_taken_back() -> None:
    shop = make_channel("tb", platform="taobao")
    batch = make_batch(shop)
    merge_rows(shop, [order_row("A1")], grain="order", batch=batch)
    with acting(SYSTEM):
        Order.objects.update(memo="Call before noon")
    with pytest.raises(undoing.CannotUndo, match="Somebody has changed"):
        take_back(batch)


def test_an_import_of_other_orders_afterwards_is_no_obstacle() -> None:
    shop = make_channel("tb", platform="taobao")
    batch, other = make_batch(shop), make_batch(shop)
    merge_rows(shop, [order_row("A1")], grain="order", batch=batch)
    merge_rows(shop, [order_row("B1", buyer_id="mei", created_at="2026-03-25 10:00")], grain="order", batch=other)
    take_back(batch)
    assert list(Order.objects.values_list("number", flat=True)) == ["B1"]
    shop.refresh_from_db()
    assert shop.data_from.isoformat() == "2026-03-25T02:00:00+00:00"
