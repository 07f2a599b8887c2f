"""What a page asks of orders and refunds touches few rows, however many there are: filters, tabs, searches, an hour."""

import json
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection

from products.channels.models import Channel
from products.orders.views import OrderList
from products.refunds.views import RefundList
from products.sales import sums
from shopops.history.actor import SYSTEM, acting
from shopops.ui.filters import Choice, Days, Flag, Number
from shopops.ui.pages import COUNT_LIMIT
from tests.factories.orders import make_channel

ROWS = 4000
FEW = 200  # rows; a list that walked its table would touch ROWS
TABLES = ("products_order", "products_refund", "products_orderline", "products_ordercontact")
# Two channels, sold goods only, finished, of one import: what else is asked for is not there.
ORDERS = """
    INSERT INTO products_order (channel_id, number, kind, state, platform_state, buyer, buyer_key, created_at, paid_at,
        paid, refunded, pieces, line_count, titles, province, city, district, message, memo, flag, talent, notes, updated_at)
    SELECT (ARRAY[%(one)s, %(other)s])[n %% 2 + 1], 'T' || n, 'sale', 'finished', '', '', '',
           '2026-01-01'::timestamptz + n * interval '10 minutes', '2026-01-01'::timestamptz + n * interval '10 minutes',
           99, 0, 1, 1, 'Dress', '浙江省', '', '', '', '', '', '', '{}', now()
    FROM generate_series(1, %(rows)s) n
"""
REFUNDS = """
    INSERT INTO products_refund (channel_id, number, order_id, order_number, buyer_key, amount, state, platform_state, kind,
        reason, province, requested_at, done_at, counted_at, is_summary, notes, updated_at)
    SELECT channel_id, 'R' || id, id, number, '', 9, 'success', '', '', '', '', created_at, created_at, created_at, false,
           '{}', now()
    FROM products_order
"""


@pytest.fixture
def store(db):
    shops = {"one": make_channel("one").pk, "other": make_channel("other").pk}
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(ORDERS, shops | {"rows": ROWS})
        cursor.execute(REFUNDS)
        cursor.execute("RESET ROLE")
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("SET ROLE shopops_app")


def questions(page):
    """Yield what finds nothing in the store: of each tab, each filter and the search, alone and with a channel.

    Orders know their import by ranges of pages, too coarse for so few rows: that index has its own test.
    """
    yield from (f"tab={tab.code}" for tab in page.get_tabs() if tab.code)
    yield from ("q=龘靐", "q=ZZ99999999999", "channel=one&q=龘靐", "state=success&q=龘靐")
    for item in page.get_filters():
        if isinstance(item, Days):
            yield f"{item.params[0]}=1999-01-01&{item.params[1]}=1999-01-02"
        elif isinstance(item, Number):
            if (item.param, type(page)) != ("batch", OrderList):
                yield f"{item.param}=999999999"
        elif isinstance(item, Flag):
            yield f"{item.param}=1"
        elif isinstance(item, Choice):
            yield from (f"{item.param}={value}" for value, _label in item.options())
        else:
            yield f"{item.param}=zz99"


def touched(node):
    """Return how many rows of growing tables a plan that was run looked at."""
    own = 0
    if node.get("Relation Name") in TABLES:
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        own = round((node["Actual Rows"] + removed) * node["Actual Loops"])
    return own + sum(touched(part) for part in node.get("Plans", ()))


def touched_by(sql, params):
    """Run a statement again and return how many rows of growing tables it looked at."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return touched(plan[0]["Plan"])


def statements_of(call):
    """Return what a call returns, and the statements over growing tables it ran."""
    found = []

    def note(execute, sql, params, many, context):
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = call()
    return answer, [
        pair for pair in found if pair[0].lstrip().startswith("SELECT") and any(name in pair[0] for name in TABLES)
    ]


@pytest.mark.parametrize(("url", "page"), [("/orders/", OrderList), ("/refunds/", RefundList)])
def test_what_finds_nothing_touches_few_rows(url, page, store, client_of, rf):
    client = client_of("manager")
    view = page()
    request = rf.get(url)
    request.user = client.user
    view.setup(request)

    walked, empty = [], 0
    for question in questions(view):
        response, statements = statements_of(partial(client.get, f"{url}?{question}"))
        if response.status_code != 200 or response.context["lines"]:
            continue  # a filter that finds something reads what it finds
        empty += 1
        for sql, params in statements:
            if question.startswith("tab=") and f"LIMIT {COUNT_LIMIT + 1}" in sql:
                continue  # the other tabs' counts read what they count, up to the limit
            if (rows := touched_by(sql, params)) > FEW:
                walked.append((question, rows, sql[:300]))

    assert empty > 20
    assert walked == []


def test_the_hour_that_has_begun_reads_that_hour_alone(store):
    shops = Channel.objects.filter(code__in=("one", "other")).values_list("pk", flat=True)
    moment = datetime(2026, 1, 12, 5, 42, tzinfo=UTC)  # an order every ten minutes: five in the hour so far

    found, [(sql, params)] = statements_of(lambda: sums.begun_hours(dict.fromkeys(shops, moment)))

    assert sum(row["orders_sum"] for row in found) == 5
    assert sum(row["refunds_sum"] for row in found) == 5 * 9
    assert touched_by(sql, params) <= 5 * 3  # an order, its refund, and the refund's order


@pytest.mark.parametrize("asked", ["", "channel=one", "state=success", "asked_from=2026-01-02"])
def test_a_page_of_refunds_reads_its_own_rows_wherever_it_lies(asked, store, client_of):
    client, url = client_of("manager"), f"/refunds/?size=25&{asked}"
    for _page in range(3):
        response, statements = statements_of(partial(client.get, url))
        pages = [pair for pair in statements if "LIMIT 26" in pair[0]]

        assert len(response.context["lines"]) == 25
        assert [rows for sql, params in pages if (rows := touched_by(sql, params)) > FEW] == []
        assert pages
        url = f"/refunds/{response.context['next']}"
