"""Followers hear of what others changed on their records, each change once, whoever commits when."""

from threading import Event, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.orders import services as orders
from products.orders.models import Order, OrderContact, OrderLine
from shopops import clock
from shopops.accounts.models import UserRole
from shopops.collaboration.following import tell_followers
from shopops.collaboration.models import Follow, FollowersTold
from shopops.collaboration.services import follow
from shopops.history.actor import SYSTEM, acting
from shopops.history.versions import version_of
from shopops.notifications.message import address, sentence
from shopops.notifications.models import Notification
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db


def tell():
    tell_followers(now=clock.now())


def told(user):
    return [sentence(item) for item in Notification.objects.filter(user=user, kind__startswith="collab").order_by("pk")]


@pytest.fixture
def follower(make_user):
    tell()  # what happened before is no news
    return make_user("planner", username="follows")


@pytest.fixture
def order(follower):
    made = make_order(lines=[("A1", 1, "5")], phone_mask="138****6027")
    follow(made, on=True, by=follower)
    tell()
    return made


def test_a_change_by_somebody_else_is_told_by_its_fields_once_and_without_values(order, follower, make_user):
    other = make_user("manager")
    orders.mark(order.pk, version=version_of(order), by=other, note="call 13800006027", flag_own="red")
    tell()
    with acting(other):
        OrderContact.objects.filter(order=order).update(phone_mask="139****0000")
        OrderLine.objects.filter(order=order).update(quantity=2)
    for _again in range(3):
        tell()

    (item,) = Notification.objects.filter(user=follower)
    assert (item.count, item.actor, address(item)) == (2, other, f"/orders/{order.pk}/")
    assert sentence(item) == "Changed on a record you follow: store's flag, store's note, phone, pieces"
    assert "1380" not in str(item.text_values)


def test_nobody_is_told_of_their_own_changes_nor_of_what_the_program_keeps(order, follower, make_user):
    orders.mark(order.pk, version=version_of(order), by=follower, note="mine")
    with acting(SYSTEM):
        Order.objects.filter(pk=order.pk).update(buyer="x")
    with acting(make_user("manager")):
        Order.objects.filter(pk=order.pk).update(source_time=clock.now())
    tell()

    assert told(follower) == []


def test_who_may_no_longer_see_the_record_is_not_told(order, follower, make_user):
    with acting(SYSTEM):
        UserRole.objects.filter(user=follower).update(channels=[])
    orders.mark(order.pk, version=version_of(order), by=make_user("manager"), note="x")
    tell()

    assert told(follower) == []


def test_an_import_of_many_is_one_note_and_few_statements(follower, make_user):
    shop = make_channel()
    many = [make_order(shop) for _number in range(30)]
    now = clock.now()
    Follow.objects.bulk_create(
        [Follow(user=follower, table_name="products_order", row_id=item.pk, created_at=now) for item in many]
    )
    tell()
    with acting(make_user("manager"), source="import:7"):
        Order.objects.update(memo="by the file")
    with CaptureQueriesContext(connection) as asked:
        tell()

    assert told(follower) == ["Records you follow that an import or an act over many rows changed: 30"]
    assert len(asked) < 20


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_is_told_all_the_same(order, follower, make_user):
    """Its number is lower than one that was committed, and told, before."""
    other, late, begun, go_on = make_user("manager"), make_order(order.channel), Event(), Event()
    follow(late, on=True, by=follower)

    def slow():
        with acting(other):
            Order.objects.filter(pk=late.pk).update(memo="late")
            begun.set()
            go_on.wait(30)
        connection.close()

    thread = Thread(target=slow)
    thread.start()
    begun.wait(30)
    orders.mark(order.pk, version=version_of(order), by=other, note="quick")
    tell()
    waits = (FollowersTold.objects.get().writers != [], told(follower))
    go_on.set()
    thread.join()
    tell()

    assert waits == (True, [])
    assert sorted(told(follower)) == [
        "Changed on a record you follow: memo",
        "Changed on a record you follow: store's note",
    ]
