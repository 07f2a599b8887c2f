"""The search over the history: finds by who, when, record, field and value; shows nothing a reader may not see (P13)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.channels.models import Channel
from products.orders.models import Order
from shopops import clock
from shopops.audit.queries import first_id_since
from shopops.collaboration import services as comments
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.services import note_reveal
from tests.factories.comments import make_comment
from tests.factories.orders import make_channel, make_customer, make_order

pytestmark = pytest.mark.django_db
URL = "/history/"


def found(client, **query):
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    return answer.content.decode()


def rows(page):
    return page.count('href="/history/') - page.count('href="/history/?') - page.count("/history/chain/")


@pytest.fixture
def changed(make_user):
    """An order and a channel, changed by two people."""
    order, channel = make_order(paid="129"), make_channel("c1", title="Before")
    with acting(make_user("planner", username="zhou", full_name="周宁"), source="import:12"):
        Order.objects.filter(pk=order.pk).update(paid=Decimal(119))
    with acting(make_user("planner", username="lin", full_name="林青")):
        Channel.objects.filter(pk=channel.pk).update(title="After")
    return order, channel


def test_every_entry_says_who_what_and_leads_to_its_record(client_of, changed):
    order, _channel = changed

    page = found(client_of("manager"), table="products_order", op="update")

    assert f'href="/orders/{order.pk}/"' in page
    for text in ("周宁", "129", "119", "import #12"):
        assert text in page


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"source": "import:12", "op": "update"}, 1),
        ({"source": "import:13"}, 0),
        ({"table": "products_channel", "op": "update"}, 1),
        ({"table": "products_channel", "op": "delete"}, 0),
        ({"day_from": "TODAY", "op": "update", "field": "paid"}, 1),
        ({"day_from": "TODAY", "op": "update", "field": "title"}, 1),
        ({"day_from": "TODAY", "op": "update", "value": "after"}, 1),
        ({"day_from": "TODAY", "op": "update", "value": "nowhere"}, 0),
        ({"day_to": "YESTERDAY"}, 0),
        ({"day_from": "TOMORROW"}, 0),
    ],
)
def test_each_filter_finds_what_it_names(client_of, changed, query, hits):
    days = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
    today = clock.today()
    query = {
        name: (today + timedelta(days=days[text])).isoformat() if text in days else text for name, text in query.items()
    }

    assert found(client_of("manager"), **query).count("<del") == 2 * hits  # the table's and the card's


def test_changes_of_one_person_and_of_the_system(client_of, changed):
    client = client_of("manager")
    lin = Change.objects.filter(op="update").latest("pk").actor

    page = found(client, who=lin.pk, op="update")

    assert "After" in page
    assert "119" not in page
    assert "After" not in found(client, who=0, op="update")


@pytest.mark.parametrize(
    "query",
    [
        {"field": "paid"},
        {"value": "x"},
        {"row": "1"},
        {"table": "auth_user"},
        {"who": "999999"},
        {"day_from": "2026-13-01"},
        {"op": "x"},
        {"order_by": "x"},
    ],
    ids=str,
)
def test_what_no_index_serves_or_nobody_can_mean_is_refused(client_of, query):
    assert client_of("manager").get(URL, query).status_code == 400


def test_personal_values_are_neither_shown_nor_found(client_of):
    customer = make_customer("卡纳瑞")
    with acting(SYSTEM):
        type(customer).objects.filter(pk=customer.pk).update(name="珍妮斯")
    make_comment(make_order(), "Call 15400009876", by=customer_user(client_of))
    client, today = client_of("manager"), clock.today().isoformat()
    pages = [
        found(client),
        found(client, day_from=today, value="珍妮斯"),
        found(client, day_from=today, value="15400009876"),
    ]
    pages.append(
        client.get(reverse("audit:change", args=[Change.objects.filter(op="update").latest("pk").pk])).content.decode()
    )

    shown = pages[0] + pages[3]  # the others say what was asked for

    assert not [text for text in ("卡纳瑞", "15400009876", "珍妮斯") if text in shown]
    assert pages[1].count("<del") == pages[2].count("<del") == 0


def customer_user(client_of):
    return client_of("planner").user


def test_values_of_records_one_may_not_open_stay_hidden(client_of, changed):
    """The administrator looks after the house and sees neither orders nor what they cost."""
    client, today = client_of("administrator"), clock.today().isoformat()

    page = found(client, table="products_order", op="update")

    assert "hidden" in page
    assert "119" not in page
    assert "/orders/" not in page.split('id="list"')[1]
    assert found(client, day_from=today, op="update", value="119").count("<del") == 0
    assert found(client_of("owner"), day_from=today, op="update", value="119").count("<del") == 2


def test_what_was_looked_at_and_taken_away_is_found_too(client_of, make_user):
    order, agent = make_order(), make_user("service_agent", full_name="陈立")
    note_reveal(order, "phone", reason="Parcel came back", by=agent)
    comment = make_comment(order, "x", by=agent)
    comments.remove(comment.pk, by=agent)
    client = client_of("manager")

    assert "Parcel came back" in found(client, op="reveal")
    assert f'href="/orders/{order.pk}/"' in found(client, table="shopops_comment")


def test_the_cost_of_a_page_does_not_grow_with_its_rows(client_of):
    client = client_of("manager")
    for _number in range(3):
        make_order()

    def cost():
        with CaptureQueriesContext(connection) as queries:
            found(client, size=50)
        return len(queries)

    cost()
    few = cost()
    for _number in range(12):
        make_order()

    assert cost() <= few


def test_pages_follow_each_other_without_gap_or_double(client_of):
    channel = make_channel("c1")
    for number in range(60):
        with acting(SYSTEM):
            Channel.objects.filter(pk=channel.pk).update(title=f"T-{number:02}")
    client = client_of("manager")
    first = found(client, table="products_channel", op="update", size=25)
    seen = [number for number in range(60) if f">T-{number:02}</ins>" in first]

    assert len(seen) == 25
    assert seen == list(range(35, 60))


def test_a_moment_is_found_by_halving():
    for _number in range(5):
        make_channel()
    changes = list(Change.objects.order_by("pk"))

    assert first_id_since(changes[0].at - timedelta(seconds=1)) <= changes[0].pk
    assert first_id_since(changes[2].at) == changes[2].pk
    assert first_id_since(changes[-1].at + timedelta(seconds=1)) == changes[-1].pk + 1
