"""The timeline beside each record: whole, in plain words, masked, paged, read aloud, at a fixed cost (promise P13)."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.reports import services as reports
from products.channels import services as channels
from products.orders.models import Order, OrderLine
from products.sales import planning
from shopops import clock
from shopops.access.declare import permissions
from shopops.accounts.models import Role
from shopops.approvals.services import ask
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.versions import version_of
from shopops.jobs import services as jobs
from shopops.ui import records
from tests.factories.comments import make_comment
from tests.factories.exports import make_export
from tests.factories.orders import make_channel, make_customer, make_item, make_order, make_refund, make_sku
from tests.factories.staged import make_batch

pytestmark = pytest.mark.django_db


def page_of(client, record):
    return client.get(records.url_of(record)).content.decode()


def spoken(page):
    """Return the timeline's entries as a screen reader says them: without what is hidden from it."""
    found = re.search(r'<ol class="so-timeline".*?</ol>', page, re.DOTALL)[0]
    found = re.sub(r'<(\w+)[^>]*aria-hidden="true".*?</\1>', "", found, flags=re.DOTALL)
    found = re.sub(r"<(form|button).*?</\1>", "", found, flags=re.DOTALL)
    entries = re.findall(r"<li.*?</li>", found, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", entry)).strip() for entry in entries]


def test_a_change_is_told_in_plain_words_with_who_and_from_where(client_of, make_user):
    order, batch = make_order(paid="129"), make_batch(make_channel(), state="done")
    with acting(make_user("planner", full_name="周宁"), source=f"import:{batch.pk}"):
        Order.objects.filter(pk=order.pk).update(paid=Decimal(119))

    said = spoken(page_of(client_of("manager"), order))

    assert re.match(rf"order changed .* paid from 129 to 119 By 周宁 · import #{batch.pk}$", said[0])


def test_of_a_roles_rights_the_given_and_the_taken_are_told_in_words(client_of):
    role = Role.objects.get(code="marketer")
    with acting(SYSTEM):
        taken, *kept = role.permissions
        role.permissions = [*kept, "orders.export"]
        role.save()

    said = spoken(page_of(client_of("administrator"), role))

    labels = permissions()
    assert f"from {labels[taken].label} to {labels['orders.export'].label} By" in said[0]


def test_parts_refunds_comments_and_changes_stand_in_one_line_of_time(client_of, make_user):
    order = make_order(lines=[("A1", 2, "50")])
    with acting(SYSTEM):
        OrderLine.objects.filter(order=order).update(quantity=3)
    make_comment(order, "Why three?", by=make_user("planner"))
    refund = make_refund(order, "10.00")
    with acting(SYSTEM):
        type(refund).objects.filter(pk=refund.pk).update(amount=Decimal(12))

    said = spoken(page_of(client_of("manager"), order))

    places = [
        next(i for i, text in enumerate(said) if part in text)
        for part in ("refund changed", "Why three?", "order line changed")
    ]
    assert places == sorted(places)


def test_personal_values_are_not_told_by_the_history(client_of):
    customer = make_customer("卡纳瑞")
    with acting(SYSTEM):
        type(customer).objects.filter(pk=customer.pk).update(name="珍妮斯")

    page = page_of(client_of("manager"), customer)

    assert "hidden" in " ".join(spoken(page))
    assert "卡纳瑞" not in page.split('id="collaboration"')[1]
    assert "珍妮斯" not in page.split('id="collaboration"')[1]


def test_a_key_of_another_record_is_told_by_its_title(client_of):
    item = make_item(make_channel(), "A1")
    with acting(SYSTEM):
        type(item).objects.filter(pk=item.pk).update(sku=make_sku("QH-7"))

    assert any("SKU code from – to QH-7" in text for text in spoken(page_of(client_of("planner"), item)))


# What is done to many is told on those records; a role is talked about on the pages of people.
WITHOUT = {"shopops_act", "shopops_request", "shopops_role"}


FILE = {"path": "/orders/", "query": "", "kind": "csv", "title": "Orders", "rows": 12}


def _worlds(make_user):
    order = make_order()
    return {
        "orders": order,
        "refund": make_refund(order, "1.00"),
        "item": make_item(order.channel, "I1"),
        "sku": make_sku("S1"),
        "channel": order.channel,
        "customer": make_customer("x"),
        "import": make_batch(order.channel, state="done"),
        "person": make_user("designer", username="somebody"),
        "file": make_export(make_user("planner", username="takes")),
        "request": ask("exports.mass", record=None, payload=FILE, by=make_user("analyst", username="asks")),
    }


def test_every_record_page_has_its_timeline_and_a_place_to_write(client_of, make_user):
    """Registered pages of single rows without one would be named here."""
    manager, worlds = client_of("manager"), _worlds(make_user)
    own = {kind.table for kind in records.kinds().values() if kind.url_kwarg == "pk"}

    assert own - WITHOUT == {record._meta.db_table for record in worlds.values()}
    for name, record in worlds.items():
        page = page_of(manager, record)
        assert 'id="collaboration"' in page, name
        assert 'name="text"' in page, name


def test_the_page_of_a_report_tells_its_revisions_and_the_notes_of_its_day(client_of):
    day = date(2026, 3, 24)
    client = client_of("manager")
    jobs.perform(reports.ask(day, by=client.user, now=clock.now()).pk)
    planning.set_note(day, "Typhoon", version=0, by=client.user)

    said = spoken(client.get(f"/reports/{day}/").content.decode())

    assert any("Revision 1 made" in text for text in said)
    assert any("day note added" in text for text in said)


@pytest.mark.parametrize("name", ["orders", "refund", "channel", "customer"])
def test_the_cost_of_a_page_does_not_grow_with_its_history(client_of, make_user, name):
    record, client = _worlds(make_user)[name], client_of("manager")
    writer = make_user("planner", username="writer")
    for number in range(2):
        _add_history(record, writer, number)

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(records.url_of(record))
        return len(found)

    cost()
    few = cost()
    for number in range(2, 15):
        _add_history(record, writer, number)

    assert cost() == few


def _add_history(record, writer, number):
    make_comment(record, f"@{writer.username} {number}", by=writer, files=["a.csv"])
    column = {"products_order": "memo", "products_channel": "title"}.get(record._meta.db_table)
    if column:
        with acting(writer):
            type(record).objects.filter(pk=record.pk).update(**{column: f"value {number}"})


def test_older_entries_come_page_by_page_and_none_is_lost_or_doubled(client_of):
    channel = make_channel("c1")
    for number in range(45):
        with acting(SYSTEM):
            type(channel).objects.filter(pk=channel.pk).update(title=f"T-{number}")
    client, page = client_of("planner"), ""
    page = page_of(client, channel)
    seen = [text for text in spoken(page) if "channel" in text]
    while found := re.search(r'hx-get="(/records/[^"]*timeline[^"]*)"', page):
        page = client.get(found[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
        seen += [text for text in spoken(f'<ol class="so-timeline">{page}</ol>') if "channel" in text]

    assert len(seen) == Change.objects.filter(table_name="products_channel", row_id=channel.pk).count() == 46
    assert len(set(seen)) == 46


def test_who_set_a_field_is_told_beside_it(client_of, make_user):
    channel = make_channel("c1", ship_hours=48)
    with acting(make_user("planner", full_name="周宁")):
        type(channel).objects.filter(pk=channel.pk).update(ship_hours=24)
    client = client_of("manager")
    url = reverse("collaboration:field", args=["products_channel", channel.pk, "ship_hours"])

    assert url in page_of(client, channel)
    said = spoken(client.get(url, headers={"HX-Request": "true"}).content.decode())
    assert len(said) == 1
    assert "from 48 to 24" in said[0]
    assert "周宁" in said[0]
    assert client.get(url).status_code == 200  # the same address pasted
    never = client.get(url.replace("ship_hours", "currency")).content.decode()
    assert "Never changed since the record was made." in never


def test_a_former_value_is_set_again_by_the_fields_own_service(client_of):
    channel, client = make_channel("c1", ship_hours=48), client_of("planner")
    _change(channel, client.user, ship_hours=24)
    change = Change.objects.filter(table_name="products_channel", op="update").latest("pk")
    url = reverse("collaboration:restore", args=["products_channel", channel.pk])

    answer = client.post(url, {"change": change.pk, "column": "ship_hours", "version": version_of(channel)})

    assert answer.status_code == 302
    channel.refresh_from_db()
    assert channel.ship_hours == 48
    again = Change.objects.filter(table_name="products_channel", op="update").latest("pk")
    assert (again.changes["ship_hours"], again.actor) == ([24, 48], client.user)


def _change(channel, by, **values):
    channels.change(channel.pk, version=version_of(channel), by=by, **values)


def test_what_the_service_refuses_is_not_restored(client_of):
    """A used channel's currency stays: its figures stand on it."""
    channel, client = make_channel("c1", currency="CNY"), client_of("planner")
    _change(channel, client.user, currency="USD")
    change = Change.objects.filter(table_name="products_channel", op="update").latest("pk")
    with acting(SYSTEM):
        type(channel).objects.filter(pk=channel.pk).update(data_through="2026-03-01T00:00Z")

    client.post(
        reverse("collaboration:restore", args=["products_channel", channel.pk]),
        {"change": change.pk, "column": "currency", "version": version_of(channel)},
    )

    channel.refresh_from_db()
    assert channel.currency == "USD"


@pytest.mark.parametrize("column", ["title", "id", "data_through", "no_such"])
def test_only_what_one_may_set_can_be_restored(client_of, column):
    """An analyst sees channels and changes none; nobody sets numbers or what imports derive."""
    channel = make_channel("c1", title="Before")
    with acting(SYSTEM):
        type(channel).objects.filter(pk=channel.pk).update(title="After")
    change = Change.objects.filter(table_name="products_channel", op="update").latest("pk")
    url = reverse("collaboration:restore", args=["products_channel", channel.pk])
    role = "analyst" if column == "title" else "planner"
    client = client_of(role)

    client.post(url, {"change": change.pk, "column": column, "version": version_of(channel)})

    channel.refresh_from_db()
    assert channel.title == "After"
    assert ("Restore" in page_of(client, channel)) is (role == "planner")


def test_a_restore_from_a_page_read_before_somebody_elses_change_is_not_made(client_of, make_user):
    channel, client = make_channel("c1", title="First"), client_of("planner")
    _change(channel, client.user, title="Second")
    read = version_of(channel)
    _change(channel, make_user("manager"), title="Third")
    change = Change.objects.filter(table_name="products_channel", op="update").earliest("pk")

    client.post(
        reverse("collaboration:restore", args=["products_channel", channel.pk]),
        {"change": change.pk, "column": "title", "version": read},
    )

    channel.refresh_from_db()
    assert channel.title == "Third"
