"""How often a log-in may be tried; what an answer tells of an account; what it costs to find out."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shopops.access import limits
from shopops.accounts import throttle
from shopops.history.actor import SYSTEM, acting
from tests.shopops.accounts.conftest import PASSWORD


def is_in(browser):
    return browser.get("/ui/me/").status_code == 200


def test_five_wrong_passwords_then_the_right_one_waits_without_being_hashed(person, log_in, hashed):
    person("manager")
    browser = Client()
    for _time in range(5):
        log_in("manager", "wrong", browser)
    hashed.clear()

    log_in("manager", browser=browser)

    assert browser.answer.status_code == 429
    assert browser.answer.headers["Retry-After"] == "900"
    assert not is_in(browser)
    assert hashed == []


def test_after_the_pause_the_right_one_logs_in(person, log_in):
    person("manager")
    browser = Client()
    for _time in range(5):
        log_in("manager", "wrong", browser)
    for attempt in AccessAttempt.objects.all():
        attempt.attempt_time -= timedelta(minutes=16)
        attempt.save()

    log_in("manager", browser=browser)

    assert is_in(browser)


def test_knocking_on_during_the_pause_prolongs_nothing(person, log_in):
    person("manager")
    browser = Client()
    for _time in range(5):
        log_in("manager", "wrong", browser)
    before = AccessAttempt.objects.get().attempt_time

    log_in("manager", "wrong", browser)

    assert AccessAttempt.objects.get().attempt_time == before


def test_a_stranger_locks_nobody_out_of_a_device_they_know(person, log_in):
    user = person("manager")
    own = log_in("manager")
    own.post("/account/logout/")
    for number in range(30):
        log_in("manager", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    for _time in range(6):  # at the very address of the owner
        log_in("manager", "wrong")

    log_in("manager", browser=own)

    assert is_in(own)
    assert throttle.plain_name(user.username) == "manager"


def test_somebody_on_a_new_device_waits_fifteen_minutes_at_most(person, log_in, standing):
    person("manager")
    for number in range(40):
        log_in("manager", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    refused = log_in("manager", REMOTE_ADDR="203.0.113.9")
    standing.pass_by(seconds=int(refused.answer.headers["Retry-After"]))

    again = log_in("manager", REMOTE_ADDR="203.0.113.9")

    assert refused.answer.status_code == 429
    assert int(refused.answer.headers["Retry-After"]) <= 900
    assert is_in(again)


@pytest.mark.django_db
def test_the_pause_of_an_account_doubles(standing):
    def ask():
        return limits.pace("account", "lin", free=2, first=15, most=60, forget=3600)

    waits = []
    for _time in range(6):
        while (wait := ask()) == 0:
            pass
        waits.append(wait)
        standing.pass_by(seconds=wait)

    assert waits == [15, 30, 60, 60, 60, 60]


@pytest.mark.django_db
def test_an_hour_without_a_try_forgets_the_former_ones(standing):
    for _time in range(3):
        limits.pace("account", "lin", free=2, first=15, most=60, forget=3600)
    standing.pass_by(hours=1)

    assert [limits.pace("account", "lin", free=2, first=15, most=60, forget=3600) for _time in range(2)] == [0, 0]


def test_an_address_tries_twenty_times_a_minute_whatever_the_names(db, log_in, standing, hashed):
    answers = [log_in(f"name-{number}", "wrong", REMOTE_ADDR="198.51.100.7").answer.status_code for number in range(21)]
    elsewhere = log_in("name-1", "wrong", REMOTE_ADDR="198.51.100.8").answer.status_code
    standing.pass_by(minutes=1)
    later = log_in("name-22", "wrong", REMOTE_ADDR="198.51.100.7").answer.status_code

    assert answers == [200] * 20 + [429]
    assert (elsewhere, later) == (200, 200)
    assert len(hashed) == 22  # what was refused was not hashed


@pytest.mark.django_db
def test_counters_hold_no_name(person, log_in):
    person("manager")
    log_in("manager", "wrong")

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(c::text, ' ') FROM shopops_counter c")
        stored = cursor.fetchone()[0]

    assert stored
    assert "manager" not in stored
    assert "127.0.0.1" not in stored


@pytest.fixture
def kinds(person, make_user):
    """Accounts a stranger must not tell from each other: there, not there, switched off, without a password."""
    person("manager", username="there")
    off = person("manager", username="off")
    with acting(SYSTEM):
        off.is_active = False
        off.save()
    make_user("manager", username="invited")
    return {"there": "wrong", "absent": "wrong", "off": PASSWORD, "invited": "wrong"}


def test_every_account_is_refused_in_the_same_words_and_with_the_same_work(kinds, log_in, hashed):
    said, work = set(), set()
    for number, (name, password) in enumerate(kinds.items()):
        hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = log_in(name, password, REMOTE_ADDR=f"198.51.100.{number}").answer
        text = answer.content.decode().replace(name, "NAME")
        said.add((answer.status_code, text.partition("csrfmiddlewaretoken")[0], answer.headers.get("Set-Cookie")))
        work.add((len(hashed), len(asked)))

    assert len(said) == 1
    assert len(work) == 1, work
    assert work.pop()[0] == 1  # each costs one hashing


def test_the_pause_is_told_in_the_same_words_whether_there_is_an_account(kinds, log_in):
    told = []
    for name in ("there", "absent"):
        browser = Client()
        for _time in range(6):
            log_in(name, "wrong", browser)
        told.append((browser.answer.status_code, browser.answer.headers["Retry-After"]))

    assert told[0] == told[1] == (429, "900")
