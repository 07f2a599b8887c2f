"""Rows lead to the page that shows them, and only for those who may open it."""

import pytest
from django.urls import reverse
from pgtrigger import registered as triggers_registered

from products.orders.models import OrderLine
from shopops.ui import records
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def test_every_table_with_a_history_leads_to_a_page():
    """A new audited table without an entry in ``records.py`` would be a dead end in the audit search."""
    audited = {model._meta.db_table for model, trigger in triggers_registered() if trigger.name == "history_update"}

    assert audited
    assert sorted(table for table in audited if not records.leads_to_a_page(table)) == []


def test_a_part_leads_to_its_whole():
    order = make_order()
    line = order.lines.first()

    assert records.url_of(line) == records.url_of(OrderLine, line.pk) == reverse("orders:order", args=[order.pk])
    assert records.whole_of(OrderLine, line.pk) == ("products_order", order.pk)


def test_only_who_may_open_the_page_sees_the_record(make_user):
    order = make_order()

    assert records.may_see(make_user("planner"), order)
    assert records.may_see(make_user("manager"), "products_order", order.pk)
    assert not records.may_see(make_user("hr_officer"), order)
    assert not records.may_see(make_user("manager", username="again"), "products_order", order.pk + 1)
    assert not records.may_see(make_user("owner"), "shopops_job", 1)


def test_links_of_many_rows_cost_no_query_each(make_user, django_assert_num_queries):
    orders = [make_order() for _ in range(3)]
    keys = [("products_order", order.pk) for order in orders]
    keys += [("products_orderline", line.pk) for order in orders for line in order.lines.all()]
    user, stranger = make_user("planner"), make_user("hr_officer")
    user.permission_codes, stranger.permission_codes  # noqa: B018 - fetched with the log-in

    with django_assert_num_queries(2):  # the lines' orders, the orders
        links = records.shown(user, keys)

    assert set(links) == set(keys)
    assert {link.url for link in links.values()} == {reverse("orders:order", args=[order.pk]) for order in orders}
    assert records.shown(stranger, keys) == {}


def test_the_source_of_a_change_leads_to_its_import():
    kind, number = records.of_source("import:12")

    assert records.url_of(kind.model, number) == reverse("orders:import", args=[12])
    assert records.of_source("import:x") is None
    assert records.of_source("reveal:3") is None


@pytest.mark.parametrize(
    ("source", "words", "url"),
    [
        ("undo-bulk:7", "bulk act #7 taken back", "/acts/7/"),
        ("undo-act:7", "undone within 30 seconds", ""),
        ("undo:7", "import #7 taken back", "/orders/imports/7/"),
        ("act:7", "", ""),
    ],
)
def test_what_stands_behind_a_change_is_said_in_words(source, words, url):
    said, behind = records.source_words(source)

    assert (said, records.url_of(behind[0].model, behind[1]) if behind else "") == (words, url)
