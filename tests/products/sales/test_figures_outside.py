"""The command and the API give the same figures, exactly, to those who may see them."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.orders.models import Order, OrderLine
from products.sales.figures import figures
from products.sales.refresh import rebuild
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_customer, make_order, make_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    order = make_order(make_channel("shop"), paid="129.90", created="2026-03-24 14:30", customer=make_customer())
    make_refund(order, "29.90", done="2026-03-24 20:00")
    with acting(SYSTEM):
        Order.objects.update(paid="129.905")  # imported money has up to four decimals
        OrderLine.objects.update(paid="129.905")
    rebuild()


def printed(*arguments):
    out = StringIO()
    call_command("figures", *arguments, stdout=out)
    return out.getvalue()


DAYS = ("--from", "2026-03-24", "--to", "2026-03-24")
ROWS = [
    {"metric": "paid", "key": "total", "value": "129.905", "currency": "CNY"},
    {"metric": "net", "key": "total", "value": "100.005", "currency": "CNY"},
    {"metric": "orders", "key": "total", "value": "1", "currency": None},
    {"metric": "refund_rate", "key": "total", "value": "0.230168", "currency": "CNY"},
]


def test_the_command_prints_decimal_strings(store):
    assert json.loads(printed("paid", "net", "orders", "refund_rate", *DAYS, "--json")) == ROWS


def test_the_command_prints_null_where_nothing_is_known(store):
    rows = json.loads(printed("paid", "--from", "2026-03-23", "--to", "2026-03-24", "--by", "day", "--json"))

    assert [(row["key"], row["value"]) for row in rows] == [("2026-03-23", None), ("2026-03-24", "129.905")]


def test_the_command_lists_every_metric_with_its_formula():
    listed = json.loads(printed("--list", "--json"))

    assert len(listed) == 18
    assert listed[1]["code"] == "paid"
    assert listed[1]["formula"] == "What buyers paid with postage, before refunds."


@pytest.mark.parametrize("wrong", [["paid"], ["paid", "--from", "2026-3-1", "--to", "2026-03-02"], ["nothing", *DAYS]])
def test_the_command_says_what_is_wrong(wrong):
    with pytest.raises(CommandError):
        printed(*wrong)


def test_checking_says_by_its_exit_whether_all_is_equal(store):
    with pytest.raises(SystemExit) as equal:
        call_command("check_rollups", stdout=StringIO())

    assert equal.value.code == 0


def test_the_api_answers_as_the_command(store, client_of):
    answer = client_of("analyst").get(
        "/api/v1/figures/?metric=paid,net&metric=orders&metric=refund_rate&from=2026-03-24&to=2026-03-24"
    )

    assert answer.status_code == 200
    assert answer.json() == ROWS


@pytest.mark.parametrize(
    "query", ["from=2026-03-24", "metric=paid&from=x&to=y", "metric=a&from=2026-03-24&to=2026-03-24", "nonsense=1"]
)
def test_the_api_refuses_what_it_does_not_understand(client_of, query):
    answer = client_of("analyst").get(f"/api/v1/figures/?{query}")

    assert answer.status_code == 422
    assert answer["content-type"] == "application/problem+json"


def test_the_api_is_for_those_who_see_figures(client_of, client):
    assert client_of("designer").get("/api/v1/figures/?metric=paid&from=2026-03-24&to=2026-03-24").status_code == 403
    assert client.get("/api/v1/figures/?metric=paid&from=2026-03-24&to=2026-03-24").status_code == 401


def test_the_dictionary_is_a_page_for_everybody_at_work(client_of):
    page = client_of("designer").get("/metrics/").content.decode()

    assert 'id="aov_buyer"' in page
    assert "Paid money of orders with a known buyer ÷ known buyers." in page


@pytest.mark.parametrize("by", [None, "day", "month", "weekday", "channel"])
def test_figures_ask_the_rollups_only_and_no_more_for_more_orders(by):
    """Sums, spans, buyers, channels and whether a demo counts: one statement each; the facts are never read."""
    shop = make_channel()
    counts = []
    for created in ("2026-03-02 10:00", "2026-03-03 10:00", "2026-03-10 10:00"):
        make_order(shop, created=created, customer=make_customer())
        rebuild()
        with CaptureQueriesContext(connection) as asked:
            figures(
                ["paid", "net", "orders", "buyers", "old_buyers", "pieces"], date(2026, 3, 1), date(2026, 3, 31), by=by
            )
        counts.append(len(asked))
        assert not [
            query["sql"] for query in asked if "products_order " in query["sql"] or "products_refund " in query["sql"]
        ]

    assert counts == [5, 5, 5]
