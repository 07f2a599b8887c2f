"""The order list: its filters, its search, its pages, its sums and its files."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.orders.models import Order
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_item, make_order, make_refund, make_sku

pytestmark = pytest.mark.django_db


def numbers(response):
    return [line["row"].number for line in response.context["lines"]]


def summed(response):
    return {fact["label"]: fact["data"] for fact in response.context["summary"] if "data" in fact}


@pytest.fixture
def manager(client_of):
    return client_of("manager")


def test_the_list_costs_the_same_queries_for_25_and_100_rows(manager):
    shop = make_channel()
    for _number in range(101):
        make_order(shop, phone_mask="138****6027")

    counts = []
    for size in (25, 100):
        with CaptureQueriesContext(connection) as found:
            response = manager.get(f"/orders/?size={size}")
        assert len(response.context["lines"]) == size
        counts.append(len(found))

    assert counts[0] == counts[1] <= 12


def test_pages_follow_each_other_without_gaps_or_repeats_even_at_equal_times(manager):
    shop = make_channel()
    made = {make_order(shop, created="2026-03-24 12:00").number for _number in range(60)}

    seen, url = [], "/orders/"
    while url:
        response = manager.get(url)
        seen += numbers(response)
        url = f"/orders/{response.context['next']}" if response.context["next"] else ""

    assert len(seen) == 60
    assert set(seen) == made


def test_the_way_back_shows_the_same_rows(manager):
    shop = make_channel()
    for _number in range(60):
        make_order(shop)
    first = manager.get("/orders/")
    second = manager.get(f"/orders/{first.context['next']}")

    back = manager.get(f"/orders/{second.context['previous']}")

    assert numbers(back) == numbers(first)


def test_days_are_the_stores_and_both_ends_belong_to_the_range(manager):
    shop = make_channel()
    inside = [make_order(shop, created=text).number for text in ("2026-03-24 00:00", "2026-03-25 23:59:59")]
    for text in ("2026-03-23 23:59:59", "2026-03-26 00:00"):
        make_order(shop, created=text)

    assert sorted(numbers(manager.get("/orders/?paid_from=2026-03-24&paid_to=2026-03-25"))) == sorted(inside)
    assert sorted(numbers(manager.get("/orders/?created_from=2026-03-24&created_to=2026-03-25"))) == sorted(inside)


def test_each_filter_narrows_to_what_it_names(manager):
    shop, other = make_channel("a"), make_channel("b")
    sku = make_sku("QH-1")
    item = make_item(shop, "A1", sku=sku)
    wanted = make_order(shop, lines=[("A1", 1, "50")], province="浙江省", created="2026-03-24 09:30")
    make_order(other, lines=[("B1", 1, "50")], province="江苏省", created="2026-03-24 21:00", state="finished")
    refunded = make_order(shop, lines=[("C1", 1, "50")], created="2026-03-25 21:00", notes=["check_lines"])
    make_refund(refunded, "20.00")

    def found(query):
        return numbers(manager.get(f"/orders/?{query}"))

    assert found(f"item={item.pk}") == [wanted.number]
    assert found("sku=QH-1") == [wanted.number]
    assert found("province=浙江省") == [wanted.number]
    assert found("refunded=1") == [refunded.number]
    assert found("note=check_lines") == [refunded.number]
    assert found("hour=9&paid_from=2026-03-24&paid_to=2026-03-24") == [wanted.number]
    assert found("weekday=3&paid_from=2026-03-24&paid_to=2026-03-25") == [refunded.number]
    assert len(found("channel=a")) == 2
    assert len(found("channel=a,b")) == 3
    assert found("state=finished&channel=a") == []


def test_an_unmapped_item_is_found_by_its_own_code_as_sales_group_it(manager):
    shop = make_channel()
    order = make_order(shop, lines=[("LOOSE", 1, "50")])

    assert numbers(manager.get("/orders/?sku=LOOSE")) == [order.number]


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "channel=nobody",
        "paid_from=2026-02-30",
        "paid_from=2026-03-02&paid_to=2026-03-01",
        "hour=9",
        "batch=x",
        "state=%00",
        "sort=user__password",
        "tab=other",
    ],
)
def test_what_no_filter_can_mean_is_answered_400(manager, query):
    assert manager.get(f"/orders/?{query}").status_code == 400


def test_the_line_above_the_list_adds_up_the_filtered_sales_and_leaves_documents_out(manager):
    shop = make_channel()
    order = make_order(shop, paid="100.10", created="2026-03-24 12:00")
    make_order(shop, paid="50.05", created="2026-03-24 13:00")
    make_order(shop, paid="7.00", created="2026-03-24 14:00", kind="gift")
    make_order(shop, paid="900.00", created="2026-03-25 00:00")
    make_refund(order, "30.00", done="2026-04-02 10:00")

    response = manager.get("/orders/?paid_from=2026-03-24&paid_to=2026-03-24")

    facts = summed(response)
    assert Decimal(facts["Paid"]) == Decimal("150.15")
    assert Decimal(facts["Refunded"]) == Decimal("30.00")
    assert facts["Sales"] == "2"


def test_too_many_orders_to_add_up_are_shown_by_day(manager, monkeypatch):
    monkeypatch.setattr("products.orders.queries.SUMMED_AT_MOST", 2)
    shop = make_channel("tmall")
    for _number in range(3):
        make_order(shop)

    [fact] = manager.get("/orders/?paid_from=2026-03-24&paid_to=2026-03-24&channel=tmall").context["summary"]

    assert "data" not in fact
    assert fact["href"] == "/sales/days/?day_from=2026-03-24&day_to=2026-03-24&channel=tmall"
    assert manager.get(fact["href"]).status_code == 200
    assert "href" not in manager.get("/orders/?created_from=2026-03-24").context["summary"][0]


def test_sums_of_two_currencies_stand_side_by_side(manager):
    make_order(make_channel(currency="CNY"), paid="10.00")
    make_order(make_channel(currency="GBP"), paid="20.00")

    response = manager.get("/orders/?paid_from=2026-03-24&paid_to=2026-03-24")

    shown = [fact["value"] for fact in response.context["summary"] if fact["label"] == "Paid"]
    assert sorted(shown) == ["£20.00", "¥10.00"]


def test_the_export_holds_exactly_the_filtered_rows_with_numbers_as_numbers(manager):
    shop = make_channel()
    inside = make_order(shop, paid="88.80", created="2026-03-24 12:00", number="=1+1")
    make_order(shop, created="2026-03-26 12:00")

    response = manager.get("/orders/?paid_from=2026-03-24&paid_to=2026-03-24&export=csv&cols=number,paid")

    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][0] == f"'{inside.number}"  # a spreadsheet must not compute it
    assert Decimal(rows[1][1]) == Decimal("88.80")


def test_chosen_rows_alone_are_exported(manager):
    shop = make_channel()
    chosen = [make_order(shop, created=f"2026-03-{day} 12:00") for day in (24, 25)]
    make_order(shop, created="2026-03-26 12:00")

    response = manager.get("/orders/", {"export": "csv", "cols": "number", "row": [order.pk for order in chosen]})

    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {order.number for order in chosen}
    assert manager.get("/orders/?export=csv&row=1;drop").status_code == 400


def test_only_those_who_export_orders_may_export(client_of):
    make_order()
    agent = client_of("service_agent")

    shown = agent.get("/orders/")
    assert shown.status_code == 200
    assert b"export=csv" not in shown.content
    assert agent.get("/orders/?export=csv").status_code == 403


@pytest.mark.parametrize(
    ("role", "status"),
    [("planner", 200), ("owner", 200), ("hr_officer", 403), ("designer", 403), ("administrator", 403)],
)
def test_orders_are_seen_by_the_roles_that_work_with_them(client_of, role, status):
    assert client_of(role).get("/orders/").status_code == status


def test_a_script_in_titles_names_and_memos_is_shown_as_text(manager):
    payload = "<script>alert(1)</script>"
    shop = make_channel(title=payload)
    order = make_order(shop, buyer=payload, memo=payload, message=payload, titles=payload)

    for url in ("/orders/?cols=number,titles,buyer,memo", f"/orders/{order.pk}/"):
        page = manager.get(url).content.decode()
        assert payload not in page
        assert "&lt;script&gt;" in page


EMPTY = [
    "channel=a&state=held",
    "state=intercepting",
    "province=西藏自治区",
    "refunded=1",
    "note=check_lines",
    "batch=999",
    "item=999",
    "customer=999",
    "paid_from=2001-01-01&paid_to=2001-01-02",
    "created_from=2001-01-01&created_to=2001-01-02",
    "q=nobodyhere",
    "q=无人",
    "q=9999",
]


@pytest.mark.parametrize("query", EMPTY)
def test_an_empty_answer_uses_an_index(manager, query):
    make_channel("a")
    with CaptureQueriesContext(connection) as found:
        response = manager.get(f"/orders/?{query}")
    assert response.context["lines"] == []
    pages = [
        item["sql"]
        for item in found
        if item["sql"].startswith("SELECT") and 'FROM "products_order"' in item["sql"] and "LIMIT 26" in item["sql"]
    ]
    assert len(pages) == 1

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + pages[0].replace("%", "%%") if "%" in pages[0] else "EXPLAIN " + pages[0])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Seq Scan on products_order " not in plan
    assert "Seq Scan on products_orderline" not in plan


def test_orders_with_a_deadline_stand_by_urgency_in_their_tab(manager):
    shop = make_channel()
    late = make_order(shop, created="2026-03-20 12:00").number
    soon = make_order(shop, created="2026-03-24 12:00").number
    make_order(shop, created="2026-03-19 12:00", state="finished")

    response = manager.get("/orders/?tab=to_ship")

    assert numbers(response) == [late, soon]


def test_orders_of_an_import_are_told_apart_into_new_and_changed(manager, django_user_model):
    from tests.products.orders.bringing import a_batch

    batch = a_batch()
    shop = make_channel(batch.channel_code)
    made = make_order(shop, batch=batch, row_no=2)
    changed = make_order(shop)
    with acting(SYSTEM, source=f"import:{batch.pk}"):
        Order.objects.filter(pk=changed.pk).update(memo="later")

    assert numbers(manager.get(f"/orders/?batch={batch.pk}&what=new")) == [made.number]
    assert numbers(manager.get(f"/orders/?batch={batch.pk}&what=changed")) == [changed.number]
    assert len(numbers(manager.get(f"/orders/?batch={batch.pk}"))) == 2
