"""The page of one order: its money adds up, its personal fields are shown one at a time."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.orders.models import OrderContact
from products.orders.sheet import money_of
from shopops.access.personal import protect_phone, protect_text
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_order, make_refund

pytestmark = pytest.mark.django_db
PHONE = "13812346027"


@pytest.fixture
def order():
    order = make_order(make_channel(), lines=[("A1", 2, "50"), ("B2", 1, "29.90")], discount_store="9.90", postage="6")
    phone = protect_phone(PHONE)
    with acting(SYSTEM):
        OrderContact.objects.create(
            order=order,
            phone=phone.cipher,
            phone_digest=phone.digest,
            phone_tail=phone.tail,
            phone_mask=phone.mask,
            address=protect_text("学府路 1 号"),
        )
    return order


def test_money_adds_up_from_goods_to_net(order):
    make_refund(order, "20.00")
    order.refresh_from_db()

    rows = {row.label: row.value for row in money_of(order, list(order.lines.all()))}

    assert rows["Goods and charges"] == Decimal("129.90")
    assert rows["Store's discount"] == Decimal("-9.90")
    assert rows["Postage"] == Decimal(6)
    assert rows["Payable"] == Decimal("126.00")
    assert rows["Net"] == Decimal("106.00")


def test_a_rest_between_lines_and_header_is_named_not_hidden(order):
    order.payable = Decimal("120.00")

    rows = {row.label: row.value for row in money_of(order, list(order.lines.all()))}

    assert rows["Other differences"] == Decimal("-6.00")


def test_an_amount_the_file_does_not_give_is_a_dash_not_zero(order):
    order.paid = None

    row = next(row for row in money_of(order, []) if row.label == "Paid by the buyer")

    assert row.shown == "–"


def test_the_page_costs_the_same_queries_for_one_line_and_for_many(client_of):
    manager, shop = client_of("manager"), make_channel()
    few = make_order(shop, lines=[("A", 1, "5")])
    many = make_order(shop, lines=[(f"L{number}", 1, "5") for number in range(40)])

    counts = []
    for order in (few, many):
        with CaptureQueriesContext(connection) as found:
            assert manager.get(f"/orders/{order.pk}/").status_code == 200
        counts.append(len(found))

    assert counts[0] == counts[1]


def test_newer_and_older_lead_to_the_neighbours(client_of):
    shop = make_channel()
    first, second, third = (make_order(shop, created="2026-03-24 12:00") for _number in range(3))

    page = client_of("manager").get(f"/orders/{second.pk}/").content.decode()

    assert re.search(rf'rel="prev" href="/orders/{third.pk}/"', page)
    assert re.search(rf'rel="next" href="/orders/{first.pk}/"', page)


def test_an_unknown_order_is_404(client_of):
    assert client_of("manager").get("/orders/987654/").status_code == 404
