"""Whoever's log-in is changed hears of it by mail, sent by the worker."""

import pytest
from django.core import mail
from django.urls import reverse

from shopops import clock
from shopops.accounts import facts, forgotten, invitations, letters, tokens
from shopops.accounts.models import Letter, ResetRequest
from shopops.jobs.models import Outbox
from tests.shopops.accounts.test_sessions import in_a_week


@pytest.fixture
def kept_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def send():
    return letters.send_owed(now=clock.now())


def test_a_reset_second_factor_is_told_to_its_owner_by_the_worker(person, app_of, client_of, kept_mail):
    user = person("manager", email="lin@example.com")
    app_of(user)
    Letter.objects.all().delete()

    client_of("administrator").post(reverse("accounts:reset_factor", kwargs={"pk": user.pk}))
    assert kept_mail == []  # the request waits for no mail server
    assert Outbox.objects.filter(task=letters.SEND).exists()
    counts = [send(), send()]

    assert counts == [1, 0]
    assert [(message.to, message.subject) for message in kept_mail] == [
        (["lin@example.com"], "Your log-in at 青禾服饰旗舰店 was changed")
    ]
    assert "administrator removed the second factors" in kept_mail[0].body


def test_a_new_password_is_told(person, kept_mail):
    invitations.set_password(person("manager", email="lin@example.com"), "five words about the autumn")
    send()

    assert ["Your password was changed." in message.body for message in kept_mail] == [True]


@pytest.mark.parametrize("fields", [{"email": ""}, {"email": "lin@example.com", "is_active": False}])
def test_nobody_else_is_written_to(person, kept_mail, fields):
    user = person("manager", **fields)
    facts.tell(user, "password", by=user)

    assert (send(), kept_mail) == (0, [])


def test_while_the_mail_server_is_away_letters_and_links_stay_owed(person, settings, kept_mail):
    user = person("manager", email="lin@example.com")
    facts.tell(user, "password", by=user)
    forgotten.ask("manager", address="198.51.100.1")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    away = (send(), forgotten.send_asked(now=clock.now()))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    back = (send(), forgotten.send_asked(now=clock.now()))

    assert (away, back, len(kept_mail)) == ((0, 0), (1, 1), 2)
    assert not ResetRequest.objects.filter(handled_at=None).exists()


def test_the_letter_holds_no_secret(person, kept_mail):
    user = person("manager", email="lin@example.com")
    _token, secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())
    send()

    assert len(kept_mail) == 1
    assert secret[3:] not in kept_mail[0].body
