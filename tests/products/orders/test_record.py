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
from shopops.history.models import Change
from shopops.history.services import REVEALS_AN_HOUR
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


def test_a_full_number_is_shown_for_a_reason_and_the_history_says_who_looked(client_of, order):
    agent = client_of("service_agent")
    before = agent.get(f"/orders/{order.pk}/").content.decode()

    page = agent.post(f"/orders/{order.pk}/reveal/", {"field": "phone", "reason": "courier asks"}).content.decode()

    assert PHONE not in before
    assert f"+86{PHONE}" in page
    looked = Change.objects.get(op="reveal")
    assert (looked.actor_id, looked.changes) == (agent.user.pk, {"phone": "courier asks"})
    assert "courier asks" in agent.get(f"/orders/{order.pk}/").content.decode()


def test_without_a_reason_nothing_is_shown(client_of, order):
    response = client_of("service_agent").post(f"/orders/{order.pk}/reveal/", {"field": "phone", "reason": " "})

    assert response.status_code == 422
    assert PHONE not in response.content.decode()
    assert not Change.objects.filter(op="reveal").exists()


def test_who_may_not_reveal_gets_neither_button_nor_answer(client_of, order):
    analyst = client_of("analyst")

    assert "/reveal/" not in analyst.get(f"/orders/{order.pk}/").content.decode()
    assert analyst.post(f"/orders/{order.pk}/reveal/", {"field": "phone", "reason": "curious"}).status_code == 403


def test_an_hour_allows_a_limited_number_of_looks(client_of, order):
    agent = client_of("service_agent")
    for _number in range(REVEALS_AN_HOUR):
        agent.post(f"/orders/{order.pk}/reveal/", {"field": "phone", "reason": "work"})

    response = agent.post(f"/orders/{order.pk}/reveal/", {"field": "phone", "reason": "work"})

    assert response.status_code == 422
    assert PHONE not in response.content.decode()


@pytest.mark.parametrize("field", ["phone_digest", "order", "", "password", "notes"])
def test_only_personal_fields_can_be_asked_for(client_of, order, field):
    assert (
        client_of("manager").post(f"/orders/{order.pk}/reveal/", {"field": field, "reason": "work"}).status_code == 404
    )


def test_looking_is_a_post(client_of, order):
    assert client_of("manager").get(f"/orders/{order.pk}/reveal/").status_code == 405


def test_newer_and_older_lead_to_the_neighbours(client_of):
    shop = make_channel()
    first, second, third = (make_order(shop, created="2026-03-24 12:00") for _number in range(3))

    page = client_of("manager").get(f"/orders/{second.pk}/").content.decode()

    assert re.search(rf'rel="prev" href="/orders/{third.pk}/"', page)
    assert re.search(rf'rel="next" href="/orders/{first.pk}/"', page)


def test_an_unknown_order_is_404(client_of):
    assert client_of("manager").get("/orders/987654/").status_code == 404
