"""One act over many rows: as many as confirmed, each once, taken back as a whole (catalogue 98)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.quality.fingerprint import fingerprint
from products.orders import services
from products.orders.models import Order
from shopops import clock
from shopops.acts import bulk
from shopops.acts.kinds import bulk_kinds
from shopops.acts.models import Act, Block
from shopops.acts.undo import CannotUndo
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.history.versions import version_of
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db
MANY = 900


@pytest.fixture
def shop():
    return make_channel("tb")


@pytest.fixture
def planner(client_of):
    return client_of("planner")


def make_orders(shop, count, **fields):
    """Make orders in one statement, without lines."""
    moment = clock.now()
    with acting(SYSTEM):
        return Order.objects.bulk_create(
            Order(channel=shop, number=f"B{number:06d}", created_at=moment, state="paid", kind="sale", **fields)
            for number in range(count)
        )


def confirmed(client, act, query="", **fields):
    """Open the page and confirm what it says."""
    page = client.get(f"/orders/bulk/{act}/{query}")
    sent = {"count": page.context["count"], "rows": page.context["ids"]}
    return client.post(f"/orders/bulk/{act}/{query}", sent | fields)


def begin(user, code, values, rows=None):
    ids = sorted(rows if rows is not None else Order.objects.values_list("pk", flat=True))
    return bulk.begin(bulk_kinds()[code], ids, values, scope="", url="/orders/", by=user)


def perform(act):
    return jobs.perform(act.undo_job_id or act.job_id)


class TestWhichRows:
    def test_those_chosen_one_by_one(self, planner, shop):
        orders = make_orders(shop, 3)

        confirmed(planner, "flag", f"?row={orders[0].pk}&row={orders[1].pk}", flag="red")

        assert set(Order.objects.filter(flag_own="red").values_list("pk", flat=True)) == {orders[0].pk, orders[1].pk}

    def test_all_that_the_list_shows_and_no_more(self, planner, shop):
        make_orders(shop, 3)
        other = make_order(make_channel("jd"), number="OTHER")

        page = planner.get("/orders/bulk/flag/?channel=tb")
        confirmed(planner, "flag", "?channel=tb", flag="red")

        other.refresh_from_db()
        assert (page.context["count"], Order.objects.filter(flag_own="red").count(), other.flag_own) == (3, 3, "")

    def test_what_was_searched_for_is_not_kept_with_the_act(self, planner, shop):
        """It may be a person's name, and acts outlive an erasure."""
        make_order(shop, buyer="卡纳瑞")

        page = planner.get("/orders/bulk/flag/?q=卡纳瑞")
        confirmed(planner, "flag", "?q=卡纳瑞", flag="red")

        act = Act.objects.get()
        assert ("卡纳瑞" in page.context["scope"], act.scope, act.url) == (True, "All · a search", "/orders/?")

    def test_the_count_is_the_exact_one_beyond_what_lists_count(self, planner, shop, monkeypatch):
        monkeypatch.setattr("shopops.ui.pages.COUNT_LIMIT", 5)
        make_orders(shop, 12)

        assert planner.get("/orders/bulk/flag/").context["count"] == 12

    def test_one_more_or_less_since_the_confirmation_is_asked_again(self, planner, shop):
        make_orders(shop, 3)
        answer = planner.post("/orders/bulk/flag/", {"count": "2", "rows": "", "flag": "red"})

        assert answer.status_code == 409
        assert "there are 3 rows now" in answer.content.decode()
        assert not Order.objects.filter(flag_own="red").exists()

    def test_the_same_row_a_hundred_times_is_one_row(self, planner, shop):
        (order,) = make_orders(shop, 1)

        planner.post("/orders/bulk/flag/", {"count": "1", "rows": ",".join([str(order.pk)] * 100), "flag": "red"})

        assert Act.objects.get().rows == 1
        assert Change.objects.filter(source=Act.objects.get().source).count() == 1

    def test_a_row_that_is_not_there_for_them_refuses_the_whole_and_is_named(self, planner, shop):
        (order,) = make_orders(shop, 1)

        answer = planner.post("/orders/bulk/flag/", {"count": "2", "rows": f"{order.pk} 987654321", "flag": "red"})

        assert answer.status_code == 422
        assert "987654321" in answer.content.decode()
        assert not Order.objects.filter(flag_own="red").exists()
        assert not Act.objects.exists()

    def test_10_001_typed_rows_are_too_many(self, planner, shop):
        rows = " ".join(map(str, range(1, 10_002)))

        answer = planner.post("/orders/bulk/flag/", {"count": "10001", "rows": rows, "flag": "red"})

        assert answer.status_code == 422
        assert "10,000" in answer.content.decode()

    def test_more_rows_than_one_act_may_have_are_refused_before_they_are_read(self, planner, shop, monkeypatch):
        monkeypatch.setattr(bulk, "ROWS_AT_MOST", 2)
        make_orders(shop, 3)

        for answer in (
            planner.get("/orders/bulk/flag/"),
            planner.post("/orders/bulk/flag/", {"count": 3, "flag": "red"}),
        ):
            assert answer.status_code == 422
            assert "Narrow the list" in answer.content.decode()
        assert not Act.objects.exists()

    @pytest.mark.parametrize("rows", ["x", "1;2", "-1", "9" * 30, "1 OR 1=1"])
    def test_what_is_no_number_is_refused(self, planner, shop, rows):
        assert planner.post("/orders/bulk/flag/", {"count": "1", "rows": rows, "flag": "red"}).status_code == 422

    def test_an_unknown_act_or_a_flag_that_is_none_is_refused(self, planner, shop):
        make_orders(shop, 1)

        assert planner.get("/orders/bulk/delete/").status_code == 404
        assert planner.post("/orders/bulk/flag/", {"count": "1", "rows": "", "flag": "pink"}).status_code == 422

    def test_flags_are_taken_away_by_choice_only(self, planner, shop):
        make_orders(shop, 2, flag_own="red")

        assert confirmed(planner, "flag").status_code == 422
        confirmed(planner, "flag", flag="none")

        assert set(Order.objects.values_list("flag_own", flat=True)) == {""}


class TestWriting:
    def test_900_rows_and_back_again_leave_the_store_as_it_was(self, planner, shop):
        make_orders(shop, MANY, note="Before")
        first = Order.objects.order_by("pk").first()
        services.mark(first.pk, note="VIP already", version=version_of(first), by=planner.user)
        before = fingerprint()["all"]

        act = begin(planner.user, "orders.note", {"text": "VIP"})
        assert perform(act) == "done"
        assert Order.objects.filter(note="VIP Before").count() == MANY - 1
        assert fingerprint()["all"] != before
        act = bulk.take_back(act.pk, by=planner.user)
        assert perform(act) == "done"

        assert fingerprint()["all"] == before
        assert Change.objects.filter(source=f"bulk:{act.pk}").count() == MANY - 1
        assert set(Change.objects.filter(source=f"bulk:{act.pk}").values_list("actor", flat=True)) == {planner.user.pk}

    def test_each_block_is_one_statement(self, planner, shop):
        orders = make_orders(shop, 200)
        ids = [order.pk for order in orders]

        with (
            CaptureQueriesContext(
                connection,
            ) as told,
            acting(planner.user),
        ):
            services.flag_many(ids, {"flag": "red"}, clock.now())

        assert len([query for query in told if "products_order" in query["sql"]]) == 1
        assert Order.objects.filter(flag_own="red").count() == 200

    def test_what_cannot_be_done_is_named_and_the_rest_is_done(self, planner, shop):
        long, short = make_orders(shop, 2)
        with acting(SYSTEM):
            Order.objects.filter(pk=long.pk).update(note="x" * 499)

        act = begin(planner.user, "orders.note", {"text": "VIP"})

        assert Block.objects.get().failures == {str(long.pk): "long"}
        short.refresh_from_db()
        assert short.note == "VIP"
        page = planner.get(f"/acts/{act.pk}/").content.decode()
        assert long.number in page
        assert "longer than 500" in page

    def test_a_prefix_is_put_once_and_taken_away_again(self, planner, shop):
        make_orders(shop, 2, note="Before")
        for _again in range(2):
            begin(planner.user, "orders.note", {"text": "VIP"})
        assert set(Order.objects.values_list("note", flat=True)) == {"VIP Before"}

        begin(planner.user, "orders.unnote", {"text": "VIP"})

        assert set(Order.objects.values_list("note", flat=True)) == {"Before"}

    def test_a_worker_lost_in_the_middle_is_followed_by_one_that_writes_the_rest(self, planner, shop, monkeypatch):
        monkeypatch.setattr(bulk, "BLOCK", 100)
        make_orders(shop, MANY)
        act = begin(planner.user, "orders.note", {"text": "VIP"})
        real, kind = services.prefix_many, bulk_kinds()["orders.note"]

        def dies(ids, values, now):
            if Block.objects.filter(done_at__isnull=False).count() == 4:
                raise SystemExit
            return real(ids, values, now)

        monkeypatch.setitem(bulk_kinds(), kind.code, type(kind)(**{**vars(kind), "apply": dies}))
        with pytest.raises(SystemExit):
            perform(act)
        assert Order.objects.exclude(note="").count() == 400
        monkeypatch.setitem(bulk_kinds(), kind.code, kind)
        Job.objects.filter(pk=act.job_id).update(lease_until=clock.now() - timedelta(seconds=1))

        assert perform(act) == "done"

        assert set(Order.objects.values_list("note", flat=True)) == {"VIP"}
        assert Change.objects.filter(source=act.source).count() == MANY

    def test_what_was_written_until_it_was_stopped_is_taken_back(self, planner, shop, monkeypatch):
        monkeypatch.setattr(bulk, "BLOCK", 100)
        make_orders(shop, 300)
        before = fingerprint()["all"]
        act = begin(planner.user, "orders.flag", {"flag": "red"})
        renew = jobs.Claim.renew

        def stopped(claim, **values):
            if values.get("done") == 100:
                bulk.cancel(act)
            renew(claim, **values)

        monkeypatch.setattr(jobs.Claim, "renew", stopped)
        assert perform(act) == "cancelled"
        monkeypatch.undo()
        assert Order.objects.filter(flag_own="red").count() == 100

        act = bulk.take_back(act.pk, by=planner.user)
        perform(act)

        assert fingerprint()["all"] == before


class TestTakingBack:
    def test_not_where_somebody_changed_a_row_since_and_they_are_named(self, planner, client_of, shop):
        orders = make_orders(shop, 3)
        act = begin(planner.user, "orders.flag", {"flag": "red"})
        services.mark(orders[1].pk, flag_own="blue", version=version_of(orders[1]), by=client_of("manager").user)

        with pytest.raises(CannotUndo, match=str(orders[1].pk)):
            bulk.take_back(act.pk, by=planner.user)

        assert Order.objects.filter(flag_own="red").count() == 2

    def test_a_change_of_another_field_is_no_hindrance_and_stays(self, planner, client_of, shop):
        orders = make_orders(shop, 3)
        act = begin(planner.user, "orders.flag", {"flag": "red"})
        services.mark(orders[1].pk, note="Theirs", version=version_of(orders[1]), by=client_of("manager").user)

        bulk.take_back(act.pk, by=planner.user)

        orders[1].refresh_from_db()
        assert (orders[1].flag_own, orders[1].note) == ("", "Theirs")

    def test_once_and_by_the_same_person_only(self, planner, client_of, shop):
        make_orders(shop, 3)
        act = begin(planner.user, "orders.flag", {"flag": "red"})

        with pytest.raises(CannotUndo):
            bulk.take_back(act.pk, by=client_of("manager").user)
        bulk.take_back(act.pk, by=planner.user)
        with pytest.raises(CannotUndo, match="already"):
            bulk.take_back(act.pk, by=planner.user)

        assert not Order.objects.filter(flag_own="red").exists()

    def test_a_row_changed_while_it_is_taken_back_is_left_and_named(self, planner, client_of, shop):
        orders = make_orders(shop, 3)
        act = begin(planner.user, "orders.flag", {"flag": "red"})
        services.mark(orders[1].pk, flag_own="blue", version=version_of(orders[1]), by=client_of("manager").user)

        with acting(planner.user):
            left = bulk._restore(act, bulk_kinds()[act.kind], [order.pk for order in orders], clock.now())

        assert left == [orders[1].pk]
        assert sorted(Order.objects.values_list("flag_own", flat=True)) == ["", "", "blue"]

    def test_a_stranger_sees_no_act(self, client_of, planner, shop):
        make_orders(shop, 1)
        act = begin(planner.user, "orders.flag", {"flag": "red"})

        assert client_of("manager").get(f"/acts/{act.pk}/").status_code == 200
        assert client_of("analyst").get(f"/acts/{act.pk}/").status_code == 404
        assert client_of("hr_officer").post(f"/acts/{act.pk}/undo/").status_code == 404
