"""Columns of a file nobody knows are given their meaning in the page."""

import pytest

from products.orders.models import Order
from shopops.exchange.models import ImportBatch, SavedMapping
from tests.products.orders.bringing import GOOD, HEADER, brought, work

pytestmark = pytest.mark.django_db(transaction=True)


UNKNOWN = "Nr,When,What,How many,Each\n1,2026-03-24 12:00:00,Shirt,2,10.00\n"


def test_columns_of_an_unknown_file_are_given_a_meaning_and_kept_for_the_next(planner, shop):
    batch = brought(planner, UNKNOWN)
    assert batch.state == "refused"
    page = planner.get(f"/orders/imports/{batch.pk}/mapping/")
    assert "How many" in page.content.decode()

    chosen = dict(
        zip(
            [f"column_{n}" for n in range(5)],
            ["order_number", "created_at", "title", "quantity", "unit_price"],
            strict=True,
        )
    )
    response = planner.post(
        f"/orders/imports/{batch.pk}/mapping/", {**chosen, "state": "finished", "name": "Corner shop"}
    )
    work()

    again = ImportBatch.objects.latest("pk")
    assert response.status_code == 302
    assert (again.state, again.counts["new"]) == ("checked", 1)
    assert SavedMapping.objects.get().name == "Corner shop"
    other = brought(planner, UNKNOWN.replace("1,2026", "2,2026"), name="next.csv")
    assert other.state == "checked"


def test_renamed_headers_of_invoices_are_mapped_in_the_page_alone_with_the_same_money(planner, shop):
    text = GOOD.replace(HEADER, "Beleg,Artikel,Text,Menge,Zeit,Preis,Kunde,Land\n").replace("17850,", "17850.0,")
    batch = brought(planner, text)
    fields = ["order_number", "code", "title", "quantity", "created_at paid_at", "unit_price", "buyer_id", "province"]
    chosen = {f"column_{number}": field for number, field in enumerate(fields)}

    planner.post(f"/orders/imports/{batch.pk}/mapping/", {**chosen, "state": "finished", "row": "line", "whole": "on"})
    work()
    again = ImportBatch.objects.latest("pk")
    planner.post(f"/orders/imports/{again.pk}/run/")
    work()

    orders = Order.objects.order_by("number").values_list("number", "paid", "buyer_key")
    assert [(number, str(paid.normalize()), key) for number, paid, key in orders] == [
        ("536365", "15.3", "id:17850"),
        ("536366", "3.7", "id:17850"),
    ]
    page = planner.get(f"/orders/imports/{again.pk}/mapping/")
    assert page.context["form"]["column_4"].value() == "created_at paid_at"


@pytest.mark.parametrize(
    "chosen",
    [{}, {"column_0": "title"}, {"column_0": "order_number", "column_1": "order_number"}, {"column_0": "password"}],
)
def test_a_mapping_that_cannot_work_is_refused_with_its_reason(planner, shop, chosen):
    batch = brought(planner, UNKNOWN)

    assert planner.post(f"/orders/imports/{batch.pk}/mapping/", chosen).status_code == 422
    assert ImportBatch.objects.count() == 1
