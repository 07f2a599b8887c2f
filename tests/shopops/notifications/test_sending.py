"""What is known of a mail after it was handed over, through the way out every store uses."""

import socket

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from shopops.history.actor import SYSTEM, acting
from shopops.notifications.sending import Outcome, hand_over
from shopops.ops.models import Installation, Mail

pytestmark = pytest.mark.django_db


class Drops(EmailBackend):
    """A server that hangs up after it was reached."""

    def send_messages(self, messages):
        raise ConnectionResetError


@pytest.fixture(autouse=True)
def _way_out(settings):
    settings.EMAIL_BACKEND = "shopops.ops.outbox_mail.GuardedBackend"


def hand():
    return hand_over(EmailMessage("s", "b", "a@example.com", ["b@example.com"]))[0]


def test_a_server_nobody_reaches_got_nothing(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = free.getsockname()
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    assert hand() == Outcome.NOT_SENT


@pytest.mark.parametrize(
    ("server", "known"),
    [("django.core.mail.backends.locmem.EmailBackend", Outcome.SENT), (f"{__name__}.Drops", Outcome.UNKNOWN)],
)
def test_what_a_server_that_was_reached_does_with_it_is_known_or_doubtful(settings, server, known):
    settings.MAIL_SERVER_BACKEND = server

    assert hand() == known


def test_a_copied_store_reaches_no_server_and_keeps_the_mail(settings):
    settings.MAIL_SERVER_BACKEND = f"{__name__}.Drops"
    with acting(SYSTEM):
        Installation.objects.update(place="elsewhere")

    assert hand() == Outcome.SENT
    assert Mail.objects.count() == 1
