"""Numbers inside names are found by four digits in a row: pairs of digits stand in too many names."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.orders.models import Order
from shopops.search.pieces import digits_of
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db


def found(text):
    return {order.buyer for order in Order.objects.all().found(text, None)}


@pytest.fixture
def names():
    shop = make_channel()
    names = ("tb20145521", "小鹿5521", "鹿０１４５", "12 34", "t1234a5678", "1112")
    for number, name in enumerate(names):
        make_order(shop, number=f"Z{number}", buyer=name, lines=[("Z", 1, "1")])
    return set(names)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("5521", {"tb20145521", "小鹿5521"}),
        ("20145521", {"tb20145521"}),
        ("b2014", {"tb20145521"}),
        ("鹿5521", {"小鹿5521"}),
        ("0145", {"tb20145521", "鹿０１４５"}),
        ("０１４５", {"tb20145521", "鹿０１４５"}),
        ("4a567", {"t1234a5678"}),
        ("34a56", {"t1234a5678"}),
        ("1234a5678", {"t1234a5678"}),
        ("12345678", set()),
        ("1111", set()),
        ("111", {"1112"}),
        ("12 34", {"12 34"}),
        ("1 2014", set()),
    ],
)
def test_numbers_in_names_are_found_at_any_place(names, text, wanted):
    assert found(text) == wanted


def test_only_four_digits_in_a_row_are_such_pieces():
    assert digits_of("a12345b678c9012") == ["1234", "2345", "9012"]
    assert digits_of("123") == digits_of("a") == []


def test_a_page_looks_its_search_up_once(names, client_of):
    with CaptureQueriesContext(connection) as queries:
        response = client_of("manager").get("/orders/?q=5521")

    assert response.context["total_number"] == 2
    assert sum("so_digits" in query["sql"] for query in queries) == 1
