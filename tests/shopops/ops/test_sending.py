"""A database brought elsewhere sends nothing until somebody says that this is the store (promise P17)."""

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.management import call_command

from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.ops import sending
from shopops.ops.models import Installation, Mail


@pytest.fixture
def known(db):
    """A database that knows where it lives, as each does that was migrated there."""
    assert sending.state().allowed


@pytest.fixture
def copied(known):
    with acting(SYSTEM):
        Installation.objects.update(place="where it was copied from")


@pytest.fixture
def sent(settings):
    """What reached the mail server, played by Django's in-memory one."""
    from django.core import mail

    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def post_a_letter():
    way = get_connection("shopops.ops.outbox_mail.GuardedBackend")
    return way.send_messages([EmailMessage("s", "b", "a@example.com", ["b@example.com"])])


def test_a_store_sends(known, sent):
    assert post_a_letter() == 1
    assert (len(sent), Mail.objects.count()) == (1, 0)


def test_a_copy_keeps_what_it_would_send(copied, sent):
    assert sending.state().stopped == "copy"
    assert post_a_letter() == 1
    assert (len(sent), Mail.objects.count()) == (0, 1)


def test_a_copy_stays_one_through_every_start(copied):
    sending.recognise()

    assert sending.state().stopped == "copy"


def test_a_database_that_knows_no_place_sends_nothing(db, sent):
    with acting(SYSTEM):
        Installation.objects.all().delete()

    post_a_letter()

    assert sent == []


def test_another_address_of_the_store_is_another_place(known, settings):
    here = sending.place()
    settings.VAR_DIR = settings.VAR_DIR / "elsewhere"

    assert here != sending.place()


def test_an_administrator_says_that_this_is_the_store(copied, sent, client_of):
    administrator = client_of("administrator")
    assert "brought here from elsewhere" in administrator.get("/outbox/").content.decode()

    assert administrator.post("/outbox/sending/", {"sends": "1"}).status_code == 302

    post_a_letter()
    assert len(sent) == 1
    change = Change.objects.filter(table_name="shopops_installation").latest("id")
    assert (change.actor, change.op) == (administrator.user, "update")


def test_one_click_stops_everything(known, sent, client_of):
    manager = client_of("manager")
    manager.post("/outbox/sending/", {"sends": "0"})

    post_a_letter()

    assert sent == []
    assert "Sending is stopped by hand" in manager.get("/").content.decode()
    with pytest.raises(Refused):
        sending.change(sends=False, by=manager.user)


def test_the_doctor_names_it(copied):
    with pytest.raises(Exception, match="care"):
        call_command("doctor")
    from shopops import clock
    from shopops.ops.health import examine

    assert "brought here" in dict(examine(now=clock.now()))["sending"]
