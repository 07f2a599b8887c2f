"""Notifications by e-mail: as each person chose, not in quiet hours, each at most once."""

from datetime import datetime, time

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from shopops import clock
from shopops.notifications import mailing, services
from shopops.notifications.models import Notification
from shopops.notifications.services import notify

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-03-24T12:00+08:00")


def at(text):
    return datetime.fromisoformat(f"2026-03-{text}+08:00")


@pytest.fixture
def person(make_user, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return make_user("planner", email="planner@example.com")


def test_what_is_wanted_at_once_goes_out_once_in_one_mail(person):
    notify([person], "imports.refused", text_values={"file": "a.csv"})
    notify([person], "imports.broken", text_values={"file": "b.csv"})

    sent = [mailing.send_owed(now=NOON) for _again in range(3)]

    assert sent == [1, 0, 0]
    (message,) = mail.outbox
    assert message.to == ["planner@example.com"]
    assert "2 notifications" in message.subject
    assert "Refused, nothing of it is counted: a.csv" in message.body
    assert "b.csv" in message.body


def test_a_single_one_is_the_subject(person):
    notify([person], "imports.refused", text_values={"file": "a\nb.csv"})

    mailing.send_owed(now=NOON)

    assert mail.outbox[0].subject.endswith("Refused, nothing of it is counted: a b.csv")


def test_what_was_read_in_the_page_or_is_put_aside_is_not_mailed(person):
    notify([person], "imports.refused")
    services.mark_seen(person)
    notify([person], "imports.broken")
    services.snooze(person, Notification.objects.get(seen_at=None).pk, "tomorrow")

    assert mailing.send_owed(now=NOON) == 0


@pytest.mark.parametrize(("choice", "sent"), [("off", 0), ("now", 1), ("digest", 0)])
def test_each_person_chooses_for_each_kind(person, choice, sent):
    services.choose(person, {"imports.done": choice}, quiet_from=None, quiet_to=None)
    notify([person], "imports.done")

    assert mailing.send_owed(now=NOON) == sent


def test_the_daily_mail_waits_for_the_morning_and_gathers(person):
    services.choose(person, {"imports.done": "digest", "imports.refused": "digest"}, quiet_from=None, quiet_to=None)
    notify([person], "imports.done")
    notify([person], "imports.refused")

    sent = [mailing.send_owed(now=at(when)) for when in ("24T23:59", "25T07:59", "25T08:00", "25T08:01")]

    assert sent == [0, 0, 1, 0]
    assert "2 notifications" in mail.outbox[0].subject


@pytest.mark.parametrize(
    ("begin", "end", "now", "sent"),
    [
        ("22:00", "08:00", "24T21:59", 1),
        ("22:00", "08:00", "24T22:00", 0),
        ("22:00", "08:00", "25T07:59", 0),
        ("22:00", "08:00", "25T08:00", 1),
        ("12:00", "14:00", "24T13:00", 0),
        ("12:00", "14:00", "24T14:00", 1),
        (None, None, "24T03:00", 1),
    ],
)
def test_in_quiet_hours_mails_wait(person, begin, end, now, sent):
    hours = [time.fromisoformat(text) if text else None for text in (begin, end)]
    services.choose(person, {}, quiet_from=hours[0], quiet_to=hours[1])
    notify([person], "imports.refused")

    assert mailing.send_owed(now=at(now)) == sent


def test_who_chose_nothing_is_left_alone_at_night(person):
    notify([person], "imports.refused")

    assert [mailing.send_owed(now=at(when)) for when in ("24T22:30", "25T08:00")] == [0, 1]


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_nobody_without_a_log_in_or_an_address_is_written_to(person, change):
    from shopops.history.actor import SYSTEM, acting

    notify([person], "imports.refused")
    with acting(SYSTEM):
        type(person).objects.filter(pk=person.pk).update(**change)

    assert mailing.send_owed(now=NOON) == 0


class Deaf(EmailBackend):
    def open(self):
        raise ConnectionRefusedError


class Breaks(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionResetError


def test_what_never_left_is_owed_again(person, settings):
    notify([person], "imports.refused")
    settings.EMAIL_BACKEND = f"{__name__}.Deaf"
    assert mailing.send_owed(now=NOON) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert mailing.send_owed(now=NOON) == 1


def test_what_may_have_left_is_not_repeated(person, settings):
    notify([person], "imports.refused")
    settings.EMAIL_BACKEND = f"{__name__}.Breaks"
    assert mailing.send_owed(now=NOON) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert mailing.send_owed(now=NOON) == 0
    assert mail.outbox == []


def test_the_mail_speaks_the_persons_language_and_names_nobody(person, make_user):
    from shopops.history.actor import SYSTEM, acting

    actor = make_user("manager", username="actor", full_name="林婉清")
    with acting(SYSTEM):
        type(person).objects.filter(pk=person.pk).update(language="zh-hans")
    notify([person], "imports.refused", by=actor, text_values={"file": "a.csv"})

    mailing.send_owed(now=NOON)

    assert "被拒" in mail.outbox[0].subject
    assert "林婉清" not in mail.outbox[0].body


def test_who_owes_a_mail_is_one_statement_however_many_people(person, make_user, django_assert_num_queries):
    people = [make_user("planner", username=f"p{number}", email=f"p{number}@example.com") for number in range(20)]
    notify(people, "imports.refused")

    with django_assert_num_queries(1):
        found = mailing.owed(NOON)

    assert len(found) == 20
