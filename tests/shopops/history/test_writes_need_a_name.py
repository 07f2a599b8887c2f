"""Every write to a business table names who did it; the database refuses others and keeps what was (P13)."""

import pytest
from django.db import DatabaseError, connection, transaction

from products.channels.models import Channel
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from tests.factories.orders import make_channel

REFUSED = "needs an actor"


@pytest.mark.django_db(transaction=True)
def test_a_write_without_a_name_is_refused_in_a_fresh_and_in_a_used_session():
    connection.close()
    for _again in range(2):  # the second time the session has named somebody before
        with pytest.raises(DatabaseError, match=REFUSED):
            Channel.objects.create(code="nobody", title="Nobody")
        make_channel()

    assert not Channel.objects.filter(code="nobody").exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda: Channel.objects.update(title="x"),
        lambda: Channel.objects.all().delete(),
        lambda: connection.cursor().execute("UPDATE products_channel SET title = 'x'"),
        lambda: Channel.objects.bulk_create([Channel(code="b", title="b")]),
    ],
    ids=["update", "delete", "raw", "bulk"],
)
@pytest.mark.django_db(transaction=True)
def test_no_path_goes_around(write):
    make_channel("kept", title="Kept")

    with pytest.raises(DatabaseError, match=REFUSED):
        write()

    assert list(Channel.objects.values_list("code", "title")) == [("kept", "Kept")]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE shopops_change SET actor_id = 1",
        "DELETE FROM shopops_change",
        "TRUNCATE shopops_change",
        "ALTER TABLE products_channel DISABLE TRIGGER ALL",
        "DROP TABLE shopops_change",
        "TRUNCATE products_channel CASCADE",
        "DROP TRIGGER history_update ON products_channel",
        "SET LOCAL session_replication_role = replica",
    ],
)
def test_the_running_role_cannot_rewrite_history(db, attack, figures):
    make_channel()
    before = Change.objects.count()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)

    assert Change.objects.count() == before > 0
    figures("P13", tampering_tried=1, tampering_refused=1)


def test_a_change_says_who_and_only_what_changed(make_user):
    channel, person = make_channel("tmall", title="Before"), make_user("planner")

    with acting(person):
        Channel.objects.filter(pk=channel.pk).update(title="After")
    with acting(SYSTEM):
        Channel.objects.filter(pk=channel.pk).update(ship_hours=24)

    last, former = Change.objects.filter(table_name="products_channel", op="update").order_by("-pk")[:2]
    assert (former.actor_id, former.changes) == (person.pk, {"title": ["Before", "After"]})
    assert (last.actor_id, last.changes) == (None, {"ship_hours": [48, 24]})
