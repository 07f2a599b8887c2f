"""The chain over the history: tampering below the program is found by its verification (P13)."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from products.channels.models import Channel
from shopops import clock
from shopops.audit.services import ensure_sealing
from shopops.history import sealing
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change, Seal
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from tests.factories.orders import make_channel

pytestmark = pytest.mark.django_db
TODAY = clock.today()


@contextmanager
def as_owner():
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield cursor
        cursor.execute("SET ROLE shopops_app")


def seal_today(day=TODAY):
    """Seal everything there is, as if the day were over."""
    return sealing.seal(through=day, now=clock.day_range(day)[1])


def change_something(times=3):
    channel = Channel.objects.first() or make_channel("c1")
    for number in range(times):
        with acting(SYSTEM):
            Channel.objects.filter(pk=channel.pk).update(title=f"T-{number}-{Change.objects.count()}")


@pytest.fixture
def sealed():
    """Two sealed days with changes, and some after them."""
    change_something()
    first = seal_today()
    change_something()
    second = seal_today(TODAY + timedelta(days=1))
    change_something()
    return first, second


def test_an_untouched_history_verifies(sealed):
    first, second = sealed

    assert list(sealing.faults()) == []
    assert (first.previous, first.after_id) == (sealing.START, sealing.FIRST)
    assert (second.previous, second.after_id) == (first.digest, first.last_id)
    assert first.count + second.count + sealing.unsealed(sealing.sealed_through()) == Change.objects.count()


FIRST = "(SELECT min(id) FROM shopops_change)"
TAMPERING = {
    "a value": f"UPDATE shopops_change SET changes = changes || '{{\"x\": 1}}' WHERE id = {FIRST}",
    "an actor": f"UPDATE shopops_change SET actor_id = 1 WHERE id = {FIRST}",
    "a time": f"UPDATE shopops_change SET at = at - interval '1 microsecond' WHERE id = {FIRST}",
    "a record's number": f"UPDATE shopops_change SET row_id = row_id + 1 WHERE id = {FIRST}",
    "a request": f"UPDATE shopops_change SET request_id = request_id || 'x' WHERE id = {FIRST}",
    "a source": f"UPDATE shopops_change SET source = 'import:1' WHERE id = {FIRST}",
    "a kind of change": f"UPDATE shopops_change SET op = 'reveal' WHERE id = {FIRST}",
    "a removed change": f"DELETE FROM shopops_change WHERE id = {FIRST}",
    "an added change": f"INSERT INTO shopops_change (id, at, table_name, row_id, op, changes, request_id, source) "
    f"SELECT id - 1, at, table_name, row_id, op, changes, '', '' FROM shopops_change WHERE id = {FIRST}",
    "two swapped": f"UPDATE shopops_change a SET changes = b.changes FROM shopops_change b "
    f"WHERE a.id IN ({FIRST}, {FIRST} + 1) AND b.id IN ({FIRST}, {FIRST} + 1) AND a.id <> b.id",
    "all removed": "DELETE FROM shopops_change",
    "a removed seal": "DELETE FROM shopops_seal WHERE day = (SELECT min(day) FROM shopops_seal)",
    "an altered seal": f"UPDATE shopops_seal SET digest = '{'0' * 64}' WHERE day = (SELECT min(day) FROM shopops_seal)",
    "an altered block": "UPDATE shopops_seal SET blocks = '[]', count = 0 WHERE day = (SELECT min(day) FROM shopops_seal)",
}


@pytest.mark.parametrize("attack", TAMPERING.values(), ids=TAMPERING)
def test_what_the_owner_alters_is_found(sealed, attack, figures):
    with as_owner() as cursor:
        cursor.execute(attack)
        assert cursor.rowcount

    told = list(sealing.faults())

    assert told
    with pytest.raises(CommandError):
        call_command("history", verify=True, stdout=StringIO())
    figures("P13", altered_by_the_owner=1, found=1)


def test_a_chain_made_anew_is_found_by_an_earlier_export(sealed, tmp_path):
    """Whoever owns the database can seal a falsified history again; a copy kept elsewhere tells."""
    kept = tmp_path / "chain.jsonl"
    call_command("history", export=kept, stdout=StringIO())
    with as_owner() as cursor:
        cursor.execute(TAMPERING["a value"])
        cursor.execute("DELETE FROM shopops_seal")
    seal_today()
    seal_today(TODAY + timedelta(days=1))

    assert list(sealing.faults()) == []
    with pytest.raises(CommandError):
        call_command("history", verify=True, against=kept, stdout=StringIO())


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE shopops_seal SET digest = ''",
        "DELETE FROM shopops_seal",
        "TRUNCATE shopops_seal",
        "DROP TABLE shopops_seal",
    ],
)
def test_the_running_role_can_only_add_seals(sealed, attack, figures):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)

    assert Seal.objects.count() == 2
    figures("P13", tampering_tried=1, tampering_refused=1)


def test_a_day_is_sealed_once_and_only_when_it_is_over():
    change_something()

    assert sealing.seal(through=TODAY, now=clock.now()) is None  # not over
    assert seal_today().count == Change.objects.count()
    assert seal_today() is None
    assert Seal.objects.count() == 1


def test_nights_without_a_seal_are_made_up_by_the_next():
    change_something()

    made = seal_today(TODAY + timedelta(days=9))

    assert made.count == Change.objects.count()
    assert list(sealing.faults()) == []


def test_the_job_of_the_night_seals_yesterday(monkeypatch):
    change_something()
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    for _copy in range(2):
        ensure_sealing(now=tomorrow)

    assert jobs.perform(Job.objects.get(kind="shopops.audit.services.seal").pk) == "done"
    assert Seal.objects.get().day == TODAY


@pytest.mark.django_db(transaction=True)
def test_nobodys_open_transaction_can_add_beneath_a_seal():
    """A change written but not committed has its number already: the day is not sealed over it."""
    from threading import Event, Thread

    change_something()
    written, over = Event(), Event()

    def write_slowly():
        try:
            with transaction.atomic():
                change_something(1)
                written.set()
                over.wait(20)
        finally:
            connection.close()

    writer = Thread(target=write_slowly)
    writer.start()
    written.wait(20)
    with pytest.raises(DatabaseError):
        seal_today()
    over.set()
    writer.join()

    assert seal_today().count == Change.objects.count()
    assert list(sealing.faults()) == []


def test_the_page_says_through_when_and_hands_out_the_chain(client_of, sealed):
    client = client_of("manager")

    assert "Sealed through" in client.get(reverse("audit:list")).content.decode()
    answer = client.get(reverse("audit:chain"))
    assert answer.content.decode().count('"digest"') == 2
    assert "attachment" in answer.headers["Content-Disposition"]
