"""Whoever's log-in is changed hears of it by mail."""

import pytest
from django.core import mail
from django.urls import reverse

from shopops.accounts import invitations, letters, tokens
from shopops.accounts.models import User
from tests.shopops.accounts.test_sessions import in_a_week


@pytest.fixture
def kept_mail(settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def test_a_reset_second_factor_is_told_to_its_owner(
    person, app_of, client_of, kept_mail, django_capture_on_commit_callbacks
):
    user = person("manager", email="lin@example.com")
    app_of(user)
    administrator = client_of("administrator")

    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(reverse("accounts:reset_factor", kwargs={"pk": user.pk}))

    assert [(message.to, message.subject) for message in kept_mail] == [
        (["lin@example.com"], "Your log-in at 青禾服饰旗舰店 was changed")
    ]
    assert "administrator removed the second factors" in kept_mail[0].body


def test_a_new_password_is_told(person, kept_mail, django_capture_on_commit_callbacks):
    user = person("manager", email="lin@example.com")

    with django_capture_on_commit_callbacks(execute=True):
        invitations.set_password(user, "five words about the autumn")

    assert ["Your password was changed." in message.body for message in kept_mail] == [True]


@pytest.mark.parametrize("fields", [{"email": ""}, {"email": "lin@example.com", "is_active": False}])
def test_nobody_else_is_written_to(person, kept_mail, fields):
    user = person("manager", **fields)

    assert not letters.write(User, user_id=user.pk, what="password", by_id=user.pk)
    assert kept_mail == []


def test_the_letter_holds_no_secret(person, client_of, kept_mail, django_capture_on_commit_callbacks):
    user = person("manager", email="lin@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        _token, secret = tokens.create(user, name="t", scopes=["orders.import"], expires_at=in_a_week())
        letters.write(User, user_id=user.pk, what="token_made", by_id=user.pk)

    assert len(kept_mail) == 1
    assert secret[3:] not in kept_mail[0].body
