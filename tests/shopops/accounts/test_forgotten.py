"""The forgotten password: the same answer for everybody, a link for those who have an address."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shopops import clock
from shopops.accounts import forgotten
from shopops.accounts.models import ResetRequest, User
from tests.shopops.accounts.conftest import PASSWORD

FORGOT = "/accounts/forgot/"


@pytest.fixture
def kept_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def ask(name, **extra):
    return Client(headers={"accept-language": "en"}, **extra).post(FORGOT, {"name": name})


def send():
    return forgotten.send_asked(now=clock.now())


def link_in(message):
    return re.search(r"http://[^/]+(/accounts/welcome/\S+)", message.body)[1]


@pytest.mark.parametrize("name", ["manager", "Manager ", "LIN@example.com"])
def test_a_link_comes_by_mail_and_sets_the_password_once(person, log_in, kept_mail, name):
    person("manager", email="lin@example.com")
    ask(name)
    send()
    link = link_in(kept_mail[0])
    client = Client()

    first = client.post(link, {"password": "five words about the autumn"})
    again = client.post(link, {"password": "six words about a cold winter"})

    assert [message.to for message in kept_mail] == [["lin@example.com"]]
    assert (first.status_code, again.status_code) == (302, 404)
    assert log_in("manager", "five words about the autumn").get("/ui/me/").status_code == 200


def test_the_answer_and_the_work_are_the_same_whoever_is_meant(person, make_user, kept_mail, hashed):
    person("manager", username="there", email="lin@example.com")
    make_user("manager", username="no-address")
    said, work = set(), set()
    for number, name in enumerate(("there", "absent", "no-address", "lin@example.com", "nobody@example.com")):
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = ask(name, REMOTE_ADDR=f"198.51.100.{number}")
        said.add((answer.status_code, answer.content))
        work.add((len(asked), len(hashed)))

    assert len({status for status, _content in said}) == 1
    assert len({re.sub(rb"[0-9a-f]{16}|value=\"\w{64}\"", b"", content) for _status, content in said}) == 1
    assert len(work) == 1
    assert not kept_mail  # decided later, by the worker


@pytest.mark.parametrize(
    "fields", [{"email": ""}, {"email": "lin@example.com", "is_active": False}], ids=["no address", "switched off"]
)
def test_who_cannot_get_a_link_gets_none(person, kept_mail, fields):
    person("manager", **fields)
    ask("manager")

    assert send() == 0
    assert not kept_mail


def test_three_an_hour_for_a_name_and_the_same_answer_afterwards(person, kept_mail, standing):
    person("manager", email="lin@example.com")
    answers = {ask("manager", REMOTE_ADDR=f"198.51.100.{number}").status_code for number in range(5)}
    send()
    first = len(kept_mail)
    standing.pass_by(hours=1)
    ask("manager")
    send()

    assert answers == {200}
    assert (first, len(kept_mail)) == (3, 4)


def test_one_address_cannot_ask_for_everybody(db, standing):
    answers = [ask(f"name-{number}").status_code for number in range(16)]

    assert answers == [200] * 15 + [429]


def test_each_request_is_handled_once(person, kept_mail):
    person("manager", email="lin@example.com")
    ask("manager")

    assert [send(), send()] == [1, 0]


def test_a_link_by_mail_is_good_for_an_hour(person, kept_mail, monkeypatch):
    from datetime import datetime

    person("manager", email="lin@example.com")
    ask("manager")
    send()
    link, client = link_in(kept_mail[0]), Client()
    fresh = client.get(link).status_code
    monkeypatch.setattr(forgotten.MailTokens, "_now", lambda self: datetime.now() + timedelta(seconds=3601))

    assert (fresh, client.get(link).status_code) == (200, 404)


def test_logging_in_uses_the_link_up(person, log_in, kept_mail):
    person("manager", email="lin@example.com")
    ask("manager")
    send()
    log_in("manager")

    assert Client().get(link_in(kept_mail[0])).status_code == 404


def test_what_was_typed_is_stored_encrypted_and_for_a_day(person, kept_mail, standing):
    ask_for = "somebody@example.com"
    person("manager")
    ask(ask_for)
    stored = bytes(ResetRequest.objects.get().asked)
    standing.pass_by(days=1, seconds=1)
    forgotten.send_asked(now=clock.now())

    assert ask_for.encode() not in stored
    assert not ResetRequest.objects.exists()


def test_the_mail_speaks_the_persons_language(person, kept_mail):
    from shopops.history.actor import SYSTEM, acting

    user = person("manager", email="lin@example.com")
    with acting(SYSTEM):
        User.objects.filter(pk=user.pk).update(language="zh-hans")
    ask("manager")
    send()

    assert "新密码" in kept_mail[0].subject
    assert "manager" in kept_mail[0].body


def test_the_log_in_page_leads_there(db, client):
    assert reverse("accounts:forgot") in client.get("/account/login/").content.decode()
    assert PASSWORD not in client.get(FORGOT).content.decode()
