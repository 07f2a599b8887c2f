"""The dashboard: the figures of the day roll-ups, each beside the rows that add up to it, at a fixed cost."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from analytics.reports.models import Report
from products.sales.refresh import rebuild
from shopops import clock
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_customer, make_order, make_refund

NOW = datetime(2026, 3, 24, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai, a Tuesday
FIGURE = re.compile(r'<a href="([^"]+)" data-figure="(\w+)" data-value="([^"]*)"')


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch, settings):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.REPORTS_FROM = "2026-03-23"


@pytest.fixture
def store(db):
    shop = make_channel("tmall", data_from=NOW - timedelta(days=40), data_through=NOW)
    buyer = make_customer("old")
    for number in range(10):
        noon = NOW - timedelta(days=number, hours=3)
        order = make_order(shop, paid=f"{100 + number}.25", created=noon, customer=buyer, state="finished", due_at=None)
        if number % 3 == 1:
            make_refund(order, "10.10", done=noon + timedelta(hours=1))
    rebuild()
    return shop


def figures(html):
    return [(metric, value, url.replace("&amp;", "&")) for url, metric, value in FIGURE.findall(html)]


def differing(browser, found):
    """Return the figures whose list does not hold their sum."""
    wrong = []
    for metric, value, url in found:
        answer = browser.get(url)
        sums = {Decimal(text) for text in re.findall(r'data-sum="(-?[\d.]+)"', answer.content.decode())}
        if answer.status_code != 200 or (value and Decimal(value) and Decimal(value) not in sums):
            wrong.append((metric, value, url, answer.status_code, sums))
    return wrong


def test_every_figure_opens_the_rows_that_add_up_to_it(store, client_of):
    browser = client_of("manager")
    found = figures(browser.get("/").content.decode())

    assert {metric for metric, _value, _url in found} == {
        "paid", "net", "refunds", "orders", "pieces", "aov_order", "refund_rate", "buyers", "new_buyers", "old_buyers",
    }  # fmt: skip
    assert differing(browser, found) == []


def test_the_days_of_an_item_add_up_and_lead_to_its_orders_and_refunds(store, client_of):
    order = make_order(
        store,
        paid="60",
        created=NOW - timedelta(days=2),
        state="finished",
        due_at=None,
        lines=[("A-1", 2, "20"), ("B-1", 1, "20")],
    )
    make_refund(order, "15", done=NOW - timedelta(days=1), line=order.lines.get(item__code="A-1"))
    make_order(
        store,
        paid="10",
        created=NOW - timedelta(days=2),
        kind="gift",
        state="finished",
        due_at=None,
        lines=[("A-1", 1, "10")],
    )
    rebuild()
    browser = client_of("manager")

    page = browser.get("/sales/days/?sku=A-1&day_from=2026-03-20&day_to=2026-03-24").content.decode()

    assert 'data-sum="40.0000"' in page
    assert 'data-sum="15.0000"' in page
    assert 'data-sum="25.0000"' in page
    found = figures(page)
    assert ("paid", "40.0000") in {(metric, value) for metric, value, _url in found}
    assert differing(browser, found) == []


def test_days_beyond_the_calendar_are_no_page(db, client_of):
    browser = client_of("manager")

    for day in ("9999-12-31", "2026-02-30", "yesterday"):
        assert browser.get(f"/sales/days/?day_from={day}").status_code == 404


def test_paid_per_order_of_today_is_not_rounded_before_it_is_shown(store, client_of):
    make_order(store, paid="50", created=NOW - timedelta(hours=1), state="finished", due_at=None)
    rebuild()
    browser = client_of("manager")

    found = [figure for figure in figures(browser.get("/").content.decode()) if figure[0] == "aov_order"]

    assert [Decimal(value) for _metric, value, _url in found] == [Decimal("75.125")]
    assert differing(browser, found) == []


def test_the_sums_above_a_list_are_written_out_never_with_an_exponent(store, client_of):
    order = make_order(store, paid="1200", created=NOW - timedelta(days=2), state="finished", due_at=None)
    make_refund(order, "1000", done=NOW - timedelta(days=1))
    browser = client_of("manager")

    orders = browser.get(f"/orders/?q={order.number}").content.decode()
    refunds = browser.get(f"/refunds/?q={order.number}").content.decode()

    assert 'data-sum="1200.0000"' in orders
    assert 'data-sum="1000.0000"' in refunds


def test_every_figure_of_the_report_opens_rows_that_add_up_to_it(store, client_of):
    from analytics.reports import services
    from shopops.jobs.services import perform

    browser = client_of("manager")
    day = clock.store_day(NOW) - timedelta(days=1)
    perform(services.ask(day, by=browser.user, now=NOW).pk)

    found = figures(browser.get(f"/reports/{day}/").content.decode())

    assert {"paid", "net", "refunds", "orders", "buyers", "new_buyers", "pieces", "unpaid_orders"} <= {
        row[0] for row in found
    }
    assert differing(browser, found) == []


def test_the_month_and_the_range_say_what_was_sold(store, client_of):
    values = {
        (metric, url.partition("?")[0]): value
        for metric, value, url in figures(client_of("manager").get("/").content.decode())
    }

    # 1 to 23 March: nine days of 101.25 … 109.25, three refunds of 10.10 (the 23rd, 20th and 17th).
    assert values["net", "/sales/days/"] == "916.9500"
    assert values["paid", "/orders/"] == "947.2500"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?range=last7&compare=before",
        "?range=custom&from=2026-03-01&to=2026-03-10&compare=none",
        "?range=nonsense&compare=x&from=1",
        "?channel=tmall&items=bottom",
    ],
)
def test_range_and_comparison_stand_in_the_address(store, client_of, query):
    assert client_of("manager").get(f"/{query}").status_code == 200


def test_a_page_costs_the_same_whatever_the_number_of_days_orders_and_channels(
    store, client_of, django_assert_max_num_queries
):
    browser = client_of("manager")
    browser.get("/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        browser.get("/")
    for number in range(3):
        shop = make_channel(f"more-{number}", data_from=NOW - timedelta(days=40), data_through=NOW)
        for day in range(12):
            make_order(shop, paid="5", created=NOW - timedelta(days=day, hours=2), state="finished", due_at=None)
    rebuild()
    with CaptureQueriesContext(connection) as many:
        browser.get("/?range=quarter")

    assert len(many) == len(few)
    assert len(many) <= 46
    assert not [query["sql"] for query in many if "products_orderline" in query["sql"]]


def test_an_empty_store_shows_an_invitation_not_zeros(client_of):
    page = client_of("manager").get("/").content.decode()

    assert "Nothing waits" in page
    assert "data-need=" not in page


@pytest.mark.parametrize(
    ("role", "target"),
    [
        ("manager", None),
        ("planner", "/planning/"),
        ("service_lead", "/service/"),
        ("analyst", None),
        ("marketing_lead", "/marketing/"),
        ("hr_officer", "other"),
    ],
)
def test_each_role_starts_where_it_has_something_to_see(store, client_of, role, target):
    answer = client_of(role).get("/")

    if target is None:
        assert answer.status_code == 200
    elif target == "other":
        assert answer.status_code == 302
        assert answer.url not in {"/planning/", "/service/", "/visual/", "/marketing/", "/analysis/", "/hr/"}
    else:
        assert (answer.status_code, answer.url) == (302, target)


def test_a_department_without_panels_has_no_home(store, client_of):
    browser = client_of("manager")

    assert {code: browser.get(f"/{code}/").status_code for code in ("planning", "service", "marketing", "analysis", "visual", "hr")} == {
        "planning": 200, "service": 200, "marketing": 200, "analysis": 200, "visual": 404, "hr": 404,
    }  # fmt: skip


def test_a_plan_is_stored_with_its_author_and_a_wrong_one_refused(store, client_of):
    browser = client_of("planner")
    url = reverse("sales:plan", args=[2026, 3])

    refused = browser.post(url, {"amount": "1000", "weights": "1 2 3"})
    assert refused.status_code == 422
    assert "31 weights" in refused.content.decode()
    assert browser.post(url, {"amount": "31000.00", "weights": ""}).status_code == 302
    assert "of 31 weights" not in browser.get("/sales/plans/").content.decode()
    assert "31,000.00" in browser.get("/sales/plans/").content.decode()


def test_the_report_pages_answer_for_days_with_and_without_report(store, client_of):
    from analytics.reports import services
    from shopops.jobs.services import perform

    browser = client_of("manager")
    day = clock.store_day(NOW) - timedelta(days=1)
    perform(services.ask(day, by=browser.user, now=NOW).pk)

    with acting(SYSTEM):
        assert Report.objects.get().state == "made"
    for url in (
        "/reports/",
        "/reports/?month=2026-02",
        "/reports/?month=x",
        f"/reports/{day}/",
        f"/reports/{day}/1/",
        "/reports/2020-01-01/",
        "/reports/2026-03-24/",
        "/quality/",
    ):
        assert browser.get(url).status_code == 200, url
    assert browser.get(f"/reports/{day}/2/").status_code == 404
    book = browser.get(f"/reports/{day}/1/workbook/")
    assert b"".join(book.streaming_content)[:2] == b"PK"
    assert browser.post(f"/reports/{day}/note/", {"text": "Sale day"}).status_code == 302
    assert "Sale day" in browser.get(f"/reports/{day}/").content.decode()
    assert "Sale day" in browser.get("/").content.decode()


def test_cards_and_report_say_what_the_command_says(store):
    """One definition: the dashboard's sums and the report's headline equal ``figures`` to the last digit."""
    from datetime import date

    from products.sales import nightly, sums
    from products.sales.figures import figures as asked

    first, last = date(2026, 3, 15), date(2026, 3, 23)
    codes = ["paid", "net", "refunds", "orders", "pieces", "upt", "aov_order", "refund_rate"]
    told = {figure.metric: figure.value for figure in asked(codes, first, last)}
    total = sums.days(first, last).total("CNY")
    assert {code: getattr(total, code) for code in codes} == told

    head = ["paid", "net", "refunds", "orders", "buyers", "pieces", "aov_buyer", "upt"]
    told = {figure.metric: figure.value for figure in asked(head, last, last)}
    [table] = nightly.headline(last, {})
    from decimal import Decimal

    assert {row["metric"]: Decimal(row["value"]) for row in table["rows"]} == told
    buyers = {figure.metric: figure.value for figure in asked(["buyers", "old_buyers"], first, last)}
    assert sums.distinct_buyers(first, last, [store]) == (buyers["buyers"], buyers["old_buyers"])


def test_today_is_compared_with_last_week_up_to_the_same_minute_of_each_channel(client_of, db):
    from decimal import Decimal

    day, week = "2026-03-24", "2026-03-17"
    shop = make_channel("tmall", data_from=NOW - timedelta(days=40), data_through=NOW)  # up to 14:30
    late = make_channel("jd", data_from=NOW - timedelta(days=40), data_through=NOW - timedelta(hours=3))  # 11:30
    without = make_channel("own", data_from=NOW - timedelta(days=40), data_through=NOW - timedelta(days=1))
    for channel, when, paid in (
        (shop, f"{day} 09:10", "100"),
        (shop, f"{day} 14:30", "11"),
        (late, f"{day} 11:29", "5"),
        (shop, f"{week} 09:59:59", "50"),
        (shop, f"{week} 14:30", "20"),  # to the same minute: in
        (shop, f"{week} 14:31", "1000"),  # after it: out
        (late, f"{week} 11:30", "8"),
        (late, f"{week} 13:00", "1000"),
        (without, f"{week} 08:00", "1000"),
    ):
        order = make_order(channel, paid=paid, created=when, state="finished", due_at=None)
        if when == f"{week} 14:30":
            make_refund(order, "3", done=f"{week} 14:20")
    make_order(shop, paid="1000", created=f"{week} 14:10", kind="gift", state="finished", due_at=None)
    rebuild()

    answer = client_of("manager").get("/")
    page = answer.content.decode()

    assert ("paid", "116.0000") in {(metric, value) for metric, value, _url in figures(page)}
    tile = page[page.index('data-figure="paid" data-value="116.0000"') :][:600]
    assert "¥78" in tile  # 50 + 20 + 8
    assert "▲ 48.7%" in tile  # 116 of 78: what a reader gets from the two figures
    tile = page[page.index('data-figure="net"') :][:600]
    assert "¥75" in tile
    tile = page[page.index('data-figure="aov_order"') :][:600]
    assert Decimal("38.67") == (Decimal(116) / 3).quantize(Decimal("0.01"))
    assert "¥26" in tile  # 78 of 3 orders
