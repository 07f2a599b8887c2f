"""Customers: lists by what an index serves, a record, two persons merged and separated."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.identity.models import Customer, Merge
from customers.value.models import CustomerValue
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_customer, make_order, make_refund, moment

pytestmark = pytest.mark.django_db


def valued(name, *, orders=1, net="10.00", last="2026-03-24 12:00"):
    customer = make_customer(name)
    with acting(SYSTEM):
        CustomerValue.objects.create(
            customer=customer,
            currency="CNY",
            orders=orders,
            paid=net,
            net=net,
            first_paid_at=moment(last),
            last_paid_at=moment(last),
        )
    return customer


def names(response):
    return [line["row"].customer.name for line in response.context["lines"]]


@pytest.fixture
def lead(client_of):
    return client_of("service_lead")


def test_the_list_stands_in_each_order_an_index_serves(lead):
    valued("few", orders=1, net="900", last="2026-03-20 12:00")
    valued("many", orders=9, net="100", last="2026-03-22 12:00")
    valued("last", orders=2, net="10", last="2026-03-24 12:00")

    assert names(lead.get("/customers/")) == ["last", "many", "few"]
    assert names(lead.get("/customers/?sort=orders")) == ["many", "last", "few"]
    assert names(lead.get("/customers/?sort=net")) == ["few", "many", "last"]
    assert names(lead.get("/customers/?returning=1")) == ["last", "many"]


def test_the_list_costs_the_same_queries_for_25_and_100_rows(lead):
    for number in range(101):
        valued(f"b{number}")

    counts = []
    for size in (25, 100):
        with CaptureQueriesContext(connection) as found:
            assert len(lead.get(f"/customers/?size={size}").context["lines"]) == size
        counts.append(len(found))

    assert counts[0] == counts[1] <= 12


def test_names_are_masked_but_found_whole(lead):
    valued("小鹿乱撞")
    valued("somebody")

    response = lead.get("/customers/?q=鹿乱")

    assert names(response) == ["小鹿乱撞"]
    assert "小鹿乱撞" not in response.content.decode().replace('value="鹿乱"', "")


@pytest.mark.parametrize("text", ["%25", "_", "x" * 9000, "无人"])
def test_hostile_and_unfitting_texts_find_nobody(lead, text):
    valued("小鹿乱撞")

    response = lead.get(f"/customers/?q={text}")

    assert response.status_code == 200
    assert names(response) == []


def test_the_record_shows_identities_sums_orders_and_refunds(lead):
    customer = valued("小鹿", net="69.00")
    order = make_order(make_channel(), customer=customer, paid="99.00")
    refund = make_refund(order, "30.00")

    page = lead.get(f"/customers/{customer.pk}/").content.decode()

    assert order.number in page
    assert refund.number in page
    assert "¥69.00" in page
    assert f"/orders/?customer={customer.pk}&amp;payers=1" in page


def test_two_persons_are_merged_and_separated_again_as_they_were(lead):
    kept, gone = make_customer("stays"), make_customer("goes")
    order = make_order(make_channel(platform="taobao"), customer=gone, paid="50.00")

    assert "g***" in lead.get(f"/customers/{kept.pk}/merge/?other={gone.pk}").content.decode()
    lead.post(f"/customers/{kept.pk}/merge/", {"gone": gone.pk, "reason": "same phone, confirmed"})
    order.refresh_from_db()
    assert order.customer == kept
    assert CustomerValue.objects.get(customer=kept).paid == Decimal("50.00")

    lead.post(f"/customers/merges/{Merge.objects.get().pk}/undo/")
    order.refresh_from_db()
    assert order.customer == gone
    assert Customer.objects.get(pk=gone.pk).merged_into is None


def test_a_merge_needs_a_reason_and_another_person(lead):
    one = make_customer("one")

    assert lead.post(f"/customers/{one.pk}/merge/", {"gone": one.pk, "reason": "the same"}).status_code == 422
    assert lead.post(f"/customers/{one.pk}/merge/", {"gone": make_customer("two").pk, "reason": ""}).status_code == 422
    assert not Merge.objects.exists()


@pytest.mark.parametrize(
    ("role", "sees", "merges"), [("service_lead", 200, 200), ("service_agent", 200, 403), ("planner", 403, 403)]
)
def test_customers_are_seen_by_service_and_merged_by_its_lead(client_of, role, sees, merges):
    customer, client = make_customer("one"), client_of(role)

    assert client.get("/customers/").status_code == sees
    assert client.get(f"/customers/{customer.pk}/").status_code == sees
    assert client.get(f"/customers/{customer.pk}/merge/").status_code == merges


def test_a_script_in_a_name_is_text(lead):
    customer = make_customer("<script>alert(1)</script>")

    assert "<script>alert" not in lead.get(f"/customers/{customer.pk}/").content.decode()
