"""Refunds as a list that adds up and as a record that says where its money counts."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.refunds.models import Refund
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_order, make_refund, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client_of):
    return client_of("service_agent")


def numbers(response):
    return {line["row"].number for line in response.context["lines"]}


def test_the_list_of_a_day_adds_up_what_counts_on_it(agent):
    order = make_order(make_channel(), paid="500.00")
    inside = [
        make_refund(order, "30.10", done="2026-03-27 00:00"),
        make_refund(order, "20.00", done="2026-03-27 23:59"),
    ]
    make_refund(order, "11.00", done="2026-03-28 00:00")
    make_refund(order, "7.00", state="open")

    response = agent.get("/refunds/?counted_from=2026-03-27&counted_to=2026-03-27&counts=1")

    assert numbers(response) == {refund.number for refund in inside}
    sums = {fact["label"]: fact["data"] for fact in response.context["summary"]}
    assert (Decimal(sums["Refunded"]), sums["Refunds"]) == (Decimal("50.10"), "2")


def test_the_list_costs_the_same_queries_for_25_and_100_rows(agent):
    order = make_order(make_channel(), paid="5000.00")
    for _number in range(101):
        make_refund(order, "1.00")

    counts = []
    for size in (25, 100):
        with CaptureQueriesContext(connection) as found:
            assert len(agent.get(f"/refunds/?size={size}").context["lines"]) == size
        counts.append(len(found))

    assert counts[0] == counts[1] <= 12


def test_a_refund_without_order_says_so(agent):
    shop = make_channel()
    with acting(SYSTEM):
        refund = Refund.objects.create(channel=shop, number="C1", order_number="lost", amount="5", state="success")

    assert "No order of this number is known" in agent.get(f"/refunds/{refund.pk}/").content.decode()
    assert numbers(agent.get("/refunds/?tab=without_order")) == {"C1"}


def test_refunds_are_found_by_their_own_number_and_the_orders(agent):
    order = make_order(make_channel(), number="777000111", paid="50.00")
    refund = make_refund(order, "5.00", number="R-998877")
    make_refund(make_order(make_channel(), paid="50.00"), "5.00")

    for text in ("R-9988", "r-9988", "777000"):
        assert numbers(agent.get(f"/refunds/?q={text}")) == {refund.number}
    assert numbers(agent.get("/refunds/?q=%25")) == set()


def test_a_reason_with_a_script_is_text(agent):
    refund = make_refund(make_order(make_channel(), paid="50.00"), "5.00", reason="<script>alert(1)</script>")

    for url in ("/refunds/", f"/refunds/{refund.pk}/"):
        assert "<script>alert" not in agent.get(url).content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("service_agent", 200), ("accountant", 200), ("designer", 403), ("hr_officer", 403)]
)
def test_refunds_are_seen_by_the_roles_that_work_with_them(client_of, role, status):
    assert client_of(role).get("/refunds/").status_code == status


def test_the_newest_request_stands_first_whatever_was_recorded_first(agent):
    shop = make_channel()
    order = make_order(shop, paid="500.00", created="2026-03-01 12:00")
    with acting(SYSTEM):
        for number, asked, counted in (
            ("C1", "2026-03-24 10:00", "2026-03-29 10:00"),
            ("E1", None, None),
            ("D1", None, "2026-03-23 10:00"),
            ("B1", "2026-03-26 10:00", None),
            ("B2", "2026-03-26 10:00", None),
            ("A1", "2026-03-28 10:00", None),
        ):
            Refund.objects.create(
                channel=shop, number=number, order=order, amount="1.00", state="open",
                requested_at=moment(asked), counted_at=moment(counted),
            )  # fmt: skip

    listed = [line["row"].number for line in agent.get("/refunds/").context["lines"]]
    asked = agent.get("/refunds/?asked_from=2026-03-01&asked_to=2026-03-31").context["lines"]

    assert listed == ["A1", "B2", "B1", "C1", "D1", "E1"]
    assert [line["row"].number for line in asked] == ["A1", "B2", "B1", "C1"]


def test_pages_of_refunds_follow_each_other_without_a_gap(agent):
    order = make_order(make_channel(), paid="5000.00")
    made = [make_refund(order, "1.00", asked=f"2026-03-{1 + number % 3:02} 10:00") for number in range(60)]
    for refund in made[::7]:
        Refund.objects.filter(pk=refund.pk).update(requested_at=None, counted_at=None)

    place, seen, backs = "?size=25", [], []
    while place:
        page = agent.get(f"/refunds/{place}")
        seen += [line["row"] for line in page.context["lines"]]
        backs.append(page.context["previous"])
        place = page.context["next"]

    wanted = Refund.objects.for_list()
    assert [row.pk for row in seen] == list(wanted.values_list("pk", flat=True))
    assert [line["row"].pk for line in agent.get(f"/refunds/{backs[1]}").context["lines"]] == [
        row.pk for row in seen[:25]
    ]
