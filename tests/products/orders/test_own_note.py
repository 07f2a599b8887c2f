"""The store's own note and flag of an order: written in place, told by whom, undone, never touched by a file."""

from datetime import timedelta

import pytest
from django.test import Client

from products.orders import services
from products.orders.models import Order
from shopops import clock
from shopops.acts.models import Act
from shopops.acts.undo import CannotUndo, undo
from shopops.history.models import Change
from shopops.history.versions import version_of
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make_order(make_channel())


@pytest.fixture
def agent(client_of):
    return client_of("service_agent")


def mark(client, order, **fields):
    order.refresh_from_db()
    sent = {"note": order.note, "flag_own": order.flag_own, "version": version_of(order)}
    return client.post(f"/orders/{order.pk}/own/", sent | fields)


def test_it_is_written_on_the_orders_page_and_stands_in_its_history(agent, order):
    assert mark(agent, order, note="Calls back on Friday", flag_own="red").status_code == 302

    page = agent.get(f"/orders/{order.pk}/").content.decode()
    assert "Calls back on Friday" in page
    assert "Urgent" in page
    assert "store&#x27;s note" in page  # the timeline


@pytest.mark.parametrize("role", ["analyst", "owner", "marketer", "accountant"])
def test_who_only_reads_orders_reads_it_and_cannot_write_it(client_of, agent, order, role):
    mark(agent, order, note="Calls back on Friday")
    reader = client_of(role)

    assert "Calls back on Friday" in reader.get(f"/orders/{order.pk}/").content.decode()
    assert "orders/{order.pk}/own/" not in reader.get(f"/orders/{order.pk}/").content.decode()
    assert mark(reader, order, note="mine").status_code == 403


@pytest.mark.parametrize("fields", [{"note": "x" * 501}, {"flag_own": "pink"}, {"note": "\u200b\u200b"}])
def test_what_cannot_be_is_refused_and_nothing_changes(agent, order, fields):
    assert mark(agent, order, **fields).status_code == 422

    order.refresh_from_db()
    assert (order.note, order.flag_own) == ("", "")


def test_the_list_filters_by_flag_and_files_have_both(client_of, agent, order):
    make_order(order.channel, number="OTHER")
    mark(agent, order, note="Calls back", flag_own="red")
    manager = client_of("manager")

    for query in ("flag=red", "flag=red,blue"):
        assert [line["row"].pk for line in manager.get(f"/orders/?{query}").context["lines"]] == [order.pk]
    assert manager.get("/orders/?flag=blue").context["lines"] == []
    file = b"".join(manager.get("/orders/?export=csv&cols=number,flag_own,note").streaming_content).decode("utf-8-sig")
    assert f"{order.number},Urgent,Calls back" in file


def test_a_save_is_undone_within_half_a_minute_by_the_same_person_once(agent, client_of, order):
    mark(agent, order, note="First")
    mark(agent, order, note="Second", flag_own="red")
    act = Act.objects.latest("pk")
    page = agent.get(f"/orders/{order.pk}/").content.decode()
    assert f"/acts/{act.pk}/undo/" in page

    assert client_of("manager").post(f"/acts/{act.pk}/undo/").status_code == 404
    assert agent.post(f"/acts/{act.pk}/undo/").status_code == 302
    agent.post(f"/acts/{act.pk}/undo/")

    order.refresh_from_db()
    assert (order.note, order.flag_own) == ("First", "")
    assert Change.objects.filter(source=f"undo-act:{act.pk}").count() == 1


def test_after_half_a_minute_it_stays(agent, order):
    mark(agent, order, note="First")
    act = Act.objects.latest("pk")
    Act.objects.filter(pk=act.pk).update(at=clock.now() - timedelta(seconds=31))

    with pytest.raises(CannotUndo, match="Too late"):
        undo(act.pk, by=agent.user)

    order.refresh_from_db()
    assert order.note == "First"


def test_what_somebody_changed_since_is_not_undone(agent, client_of, order):
    mark(agent, order, note="First")
    act = Act.objects.latest("pk")
    mark(client_of("manager"), order, note="Theirs")

    with pytest.raises(CannotUndo, match="Manager changed it since"):
        undo(act.pk, by=agent.user)

    order.refresh_from_db()
    assert order.note == "Theirs"


def test_saving_unchanged_leaves_no_history_and_offers_no_undoing(agent, order):
    before = Change.objects.count()

    mark(agent, order)

    assert (Change.objects.count(), Act.objects.count()) == (before, 0)
    assert "/undo/" not in agent.get(f"/orders/{order.pk}/").content.decode()


class TestByApi:
    def patch(self, client, order, body, **headers):
        return client.patch(f"/api/v1/orders/{order.pk}/", body, content_type="application/json", headers=headers)

    def test_what_was_read_is_written_on_by_its_tag(self, agent, order):
        read = agent.get(f"/api/v1/orders/{order.pk}/")
        answer = self.patch(agent, order, {"note": "By API"}, **{"If-Match": read["ETag"]})

        assert (answer.status_code, answer.json()["note"]) == (200, "By API")
        assert answer["ETag"] != read["ETag"]

    def test_a_stale_version_is_a_conflict_with_both_values(self, agent, client_of, order):
        mark(agent, order, note="First")
        read = agent.get(f"/api/v1/orders/{order.pk}/").json()
        mark(client_of("manager"), order, note="Theirs")

        for body, headers in (
            ({"note": "Mine", "version": read["version"]}, {}),
            ({"note": "Mine"}, {"If-Match": f'"{read["version"]}"'}),
        ):
            answer = self.patch(agent, order, body, **headers)
            assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
            (clash,) = answer.json()["conflicts"]
            assert (clash["before"], clash["now"], clash["yours"]) == ("First", "Theirs", "Mine")
            assert answer.json()["version"] > read["version"]
        order.refresh_from_db()
        assert order.note == "Theirs"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"note": "x"}, 428),
            ({"note": "x", "version": "new"}, 400),
            ({"note": "x", "version": True}, 400),
            ({"note": "x" * 501, "version": 0}, 400),
            ({"flag_own": "pink", "version": 0}, 400),
            ({"state": "finished", "version": 0}, 400),
            ({"memo": "x", "version": 0}, 400),
        ],
    )
    def test_what_is_not_offered_is_refused(self, agent, order, body, status):
        before = Order.objects.values().get(pk=order.pk)

        assert self.patch(agent, order, body).status_code == status
        assert Order.objects.values().get(pk=order.pk) == before

    def test_what_is_left_out_stays(self, agent, order):
        mark(agent, order, note="First", flag_own="red")

        self.patch(agent, order, {"flag_own": "", "version": version_of(order)})

        order.refresh_from_db()
        assert (order.note, order.flag_own) == ("First", "")


def test_a_newer_file_changes_the_order_and_leaves_note_and_flag(agent):
    from tests.factories.staged import merge_rows

    shop = make_channel("tb", platform="taobao")
    row = {
        "rec": "order",
        "order_number": "A1",
        "created_at": "2026-03-24 10:00",
        "paid": "100.00",
        "payable": "100.00",
    }
    merge_rows(shop, [row | {"state": "paid", "memo": "theirs", "flag": "1"}], grain="order")
    order = Order.objects.get()
    mark(agent, order, note="Ours", flag_own="red")

    later = {"state": "shipped", "shipped_at": "2026-03-25 10:00", "memo": "theirs again", "flag": "2"}
    merge_rows(shop, [row | later], grain="order")

    order.refresh_from_db()
    assert (order.state, order.memo, order.flag) == ("shipped", "theirs again", "2")
    assert (order.note, order.flag_own) == ("Ours", "red")


def test_the_database_fills_them_in_for_whoever_does_not_name_them(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns"
            " WHERE table_name = 'products_order' AND column_name IN ('note', 'flag_own')"
        )
        assert [text.partition("::")[0] for (text,) in cursor.fetchall()] == ["''", "''"]


@pytest.mark.parametrize("kind", ["mapping", "new note", "changed note", "removed note"])
def test_a_mapping_and_a_days_note_are_undone_too(client_of, kind):
    from datetime import date

    from products.catalogue import services as catalogue
    from products.sales import planning
    from products.sales.models import DayNote
    from tests.factories.orders import make_item, make_sku

    person, day = client_of("planner").user, date(2026, 3, 24)
    if kind == "mapping":
        make_sku("S2")
        item = make_item(make_channel(), "A1", sku=make_sku("S1"))
        act = catalogue.map_item(item.pk, "S2", version=0, by=person)
        undo(act.pk, by=person)
        item.refresh_from_db()
        assert item.sku.code == "S1"
        return
    before = "" if kind == "new note" else "Before"
    planning.set_note(day, before, version=0, by=person)
    version = version_of(DayNote.objects.first())
    act = planning.set_note(day, "" if kind == "removed note" else "After", version=version, by=person)

    undo(act.pk, by=person)

    assert list(DayNote.objects.values_list("day", "text")) == ([(day, "Before")] if before else [])


def test_a_stranger_learns_nothing(order):
    assert Client().get(f"/api/v1/orders/{order.pk}/").status_code == 401


def test_a_wrong_flag_is_refused_by_the_service_too(agent, order):
    with pytest.raises(services.Refused):
        services.mark(order.pk, flag_own="pink", version=0, by=agent.user)
