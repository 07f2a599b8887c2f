"""Who is told of what: grouped while unread, once per fault, nothing personal."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from shopops import clock
from shopops.accounts.models import Role, UserRole
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.jobs.models import Job
from shopops.notifications import services, steps
from shopops.notifications.message import sentence
from shopops.notifications.models import Fault, Notification
from shopops.notifications.services import notify
from shopops.privacy import keeping
from tests.factories.orders import make_channel

pytestmark = pytest.mark.django_db


def test_a_role_is_told_and_who_did_it_is_not(make_user):
    first, second = make_user("planner"), make_user("planner", username="second")
    make_user("planner", username="gone", is_active=False)
    make_user("analyst")

    told = notify("planner", "imports.done", by=first)

    assert told == 1
    assert list(Notification.objects.values_list("user", flat=True)) == [second.pk]


def test_who_may_not_see_the_record_is_not_told_of_it(make_user):
    """A role may be limited to channels: its people hear nothing of the others, whoever tells the role."""
    shop, near = make_channel("a"), make_user("warehouse_clerk")
    beyond = make_user("warehouse_clerk", username="beyond")
    with acting(SYSTEM):
        UserRole.objects.filter(user=beyond).update(channels=[])

    told = [notify(to, "orders.overdue", record=shop) for to in ("warehouse_clerk", [beyond])]

    assert told == [1, 0]
    assert list(Notification.objects.values_list("user", flat=True)) == [near.pk]


def test_more_of_the_same_raises_the_count_until_it_is_read(make_user):
    person, record = make_user("manager"), Role.objects.first()
    for new in (1, 2):
        notify([person], "imports.done", record=record, text_values={"new": new})
    assert [(item.count, item.text_values) for item in Notification.objects.all()] == [(2, {"new": 2})]

    services.mark_seen(person)
    notify([person], "imports.done", record=record, text_values={"new": 3})

    assert list(Notification.objects.order_by("pk").values_list("count", flat=True)) == [2, 1]


def test_other_records_and_kinds_stand_alone(make_user):
    person = make_user("manager")
    for record in Role.objects.all()[:2]:
        notify([person], "imports.done", record=record)
    notify([person], "imports.refused")

    assert Notification.objects.count() == 3


def test_numbers_that_add_up_add_up_while_unread(make_user):
    person = make_user("warehouse_clerk")
    for orders in (3, 4):
        notify([person], "orders.overdue", text_values={"channel": "Tmall", "orders": orders})

    assert sentence(Notification.objects.get()) == "Tmall: orders past their time to ship: 7"


def test_a_fault_is_told_once_for_ever(make_user):
    person = make_user("planner")

    told = [notify([person], "imports.refused", once="import:7:refused") for _again in range(3)]
    services.mark_seen(person)
    told.append(notify([person], "imports.refused", once="import:7:refused"))

    assert told == [1, 0, 0, 0]
    assert Notification.objects.get().count == 1


def test_what_is_rolled_back_is_told_to_nobody_and_may_be_told_later(make_user):
    person = make_user("planner")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        notify([person], "imports.refused", once="fault")
        1 / 0  # noqa: B018 - the fault itself

    assert not Notification.objects.exists()
    assert notify([person], "imports.refused", once="fault") == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_tell_one_fault_once_and_count_the_rest(make_user):
    person, begin = make_user("planner"), Barrier(8)

    def tell():
        begin.wait()
        notify([person], "imports.refused", once="fault")
        notify([person], "imports.done")
        connection.close()

    threads = [Thread(target=tell) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = dict(Notification.objects.values_list("kind", "count"))
    assert found == {"imports.refused": 1, "imports.done": 8}
    assert Fault.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("orders 13812345678.csv", "orders 138****5678.csv"),
        ("from lin@example.com, new", "from l***@example.com, new"),
        ("20260324123456789012", "20260324123456789012"),  # an order's number is no phone
        (12, 12),
    ],
)
def test_a_text_never_holds_a_phone_or_an_address(make_user, given, kept):
    notify([make_user("planner")], "imports.done", text_values={"file": given})

    assert Notification.objects.get().text_values == {"file": kept}


def test_an_unknown_kind_is_a_mistake_of_ours(make_user):
    with pytest.raises(KeyError):
        notify([make_user("planner")], "no.such")


@pytest.mark.parametrize(
    ("until", "ends"),
    [("hour", "2026-03-24T16:00"), ("tomorrow", "2026-03-25T08:00"), ("week", "2026-03-30T08:00")],
)
def test_what_is_put_aside_comes_back_at_its_time(make_user, monkeypatch, until, ends):
    now = datetime.fromisoformat("2026-03-24T15:00+08:00")  # a Tuesday
    monkeypatch.setattr(clock, "now", lambda: now)
    person = make_user("planner")
    notify([person], "imports.done")

    moment = services.snooze(person, Notification.objects.get().pk, until)

    mine = Notification.objects.visible_to(person)
    assert clock.store_time(moment).isoformat()[:16] == ends
    assert (mine.unread(now).count(), mine.snoozed(now).count()) == (0, 1)
    assert mine.unread(moment).count() == 1


def test_what_is_read_or_somebody_elses_is_not_put_aside(make_user):
    person, other = make_user("planner"), make_user("analyst")
    notify([person], "imports.done")
    item = Notification.objects.get()

    with pytest.raises(Refused):
        services.snooze(other, item.pk, "hour")
    services.mark_seen(person, item.pk)
    with pytest.raises(Refused):
        services.snooze(person, item.pk, "hour")


def test_failed_jobs_are_told_once_to_those_who_look_after_the_installation(make_user):
    administrator, now = make_user("administrator"), clock.now()
    make_user("planner")
    for number in range(3):
        Job.objects.create(kind="k", key=str(number), state="failed", created_at=now, finished_at=now)
    Job.objects.create(kind="k", key="old", state="failed", created_at=now, finished_at=now - timedelta(days=9))

    for _tick in range(2):
        steps.tell_failed_jobs(now=now)

    item = Notification.objects.get()
    assert (item.user, item.text_values, item.count) == (administrator, {"jobs": 3}, 1)


def test_the_nights_clearing_takes_old_notifications_and_faults(make_user):
    person, rule = make_user("planner"), keeping.rules()["notifications"]
    notify([person], "imports.done", once="old")
    notify([person], "imports.refused", once="young")
    long_ago = clock.now() - timedelta(days=rule.default_days + 1)
    Notification.objects.filter(kind="imports.done").update(at=long_ago)
    Fault.objects.filter(key="old").update(at=long_ago)

    assert rule.sweep(clock.now() - timedelta(days=rule.default_days)) == 2

    assert list(Notification.objects.values_list("kind", flat=True)) == ["imports.refused"]
    assert list(Fault.objects.values_list("key", flat=True)) == ["young"]
