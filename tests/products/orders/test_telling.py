"""Imports that ended and orders past their time are told once, to who brought them or to who ships."""

from datetime import timedelta

import pytest

from products.orders import telling
from products.orders.models import Order
from shopops import clock
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting
from shopops.jobs.models import Job
from shopops.notifications.message import address, sentence
from shopops.notifications.models import Notification
from tests.factories.orders import make_channel, make_order
from tests.factories.staged import make_batch

pytestmark = pytest.mark.django_db


def ended(state, *, by=None, **values):
    batch = make_batch(make_channel(), state=state)
    given = {"finished_at": clock.now(), "created_by": by, "kind": "orders"} | values
    ImportBatch.objects.filter(pk=batch.pk).update(**given)
    return ImportBatch.objects.get(pk=batch.pk)


def tell(times=2):
    for _tick in range(times):
        telling.tell_of_imports(now=clock.now())


@pytest.mark.parametrize(
    ("state", "kind"), [("done", "imports.done"), ("refused", "imports.refused"), ("interrupted", "imports.broken")]
)
def test_who_brought_a_file_is_told_once_how_it_ended(make_user, state, kind):
    planner = make_user("planner")
    batch = ended(state, by=planner, counts={"new": 3, "changed": 1})

    tell()

    item = Notification.objects.get()
    assert (item.user, item.kind, item.row_id, item.count) == (planner, kind, batch.pk, 1)
    assert batch.upload.name in sentence(item)
    assert address(item) == f"/orders/imports/{batch.pk}/"


def test_several_files_of_one_import_are_one_notification_with_their_sums(make_user):
    planner, job = make_user("planner"), Job.objects.create(kind="k", key="1", created_at=clock.now())
    for _file in range(2):
        ended("done", by=planner, job=job, counts={"new": 3, "changed": 1})

    tell()

    values = Notification.objects.get().text_values
    assert (values["new"], values["changed"], values["file"][-1]) == (6, 2, "…")


def test_files_nobody_brought_by_hand_are_told_of_when_they_fail(make_user):
    clerk = make_user("warehouse_clerk")
    ended("done")
    ended("refused")

    tell()

    assert list(Notification.objects.values_list("user", "kind")) == [(clerk.pk, "imports.refused")]


@pytest.mark.parametrize("values", [{"dry_run": True}, {"finished_at": clock.now() - timedelta(days=2)}])
def test_trials_and_old_imports_are_told_to_nobody(make_user, values):
    ended("done", by=make_user("planner"), **values)

    tell()

    assert not Notification.objects.exists()


def late(channel, hours, state="paid"):
    return make_order(channel, state=state, due_at=clock.now() - timedelta(hours=hours))


def test_each_late_order_is_told_once_counted_by_channel(make_user):
    make_user("warehouse_clerk")
    tmall, jd = make_channel("tmall", title="Tmall"), make_channel("jd", title="JD")
    for channel in (tmall, tmall, jd):
        late(channel, 1)
    late(tmall, 1, state="shipped")
    late(tmall, -1)
    late(tmall, 24 * 9)

    for _tick in range(2):
        telling.tell_of_overdue(now=clock.now())
    late(tmall, 2)
    telling.tell_of_overdue(now=clock.now())

    said = sorted(sentence(item) for item in Notification.objects.all())
    assert said == ["JD: orders past their time to ship: 1", "Tmall: orders past their time to ship: 3"]
    where = {address(item) for item in Notification.objects.filter(row_id=tmall.pk)}
    assert where == {"/orders/?tab=to_ship&overdue=1&channel=tmall"}


def test_the_link_of_late_orders_lists_exactly_these(make_user, client_of):
    clerk = client_of("warehouse_clerk")
    order = late(make_channel("tmall"), 1)
    late(make_channel("jd"), 1)
    telling.tell_of_overdue(now=clock.now())

    page = clerk.get(address(Notification.objects.get(text_values__code="tmall")))

    assert [line["row"] for line in page.context["lines"]] == [order]


def test_what_is_told_already_costs_one_statement(make_user, django_assert_num_queries):
    make_user("warehouse_clerk")
    channel = make_channel("tmall")
    for _order in range(20):
        late(channel, 1)
    telling.tell_of_overdue(now=clock.now())
    with acting(SYSTEM):
        assert Order.objects.count() == 20

    with django_assert_num_queries(2):  # is there a real channel, what is new
        telling.tell_of_overdue(now=clock.now())
