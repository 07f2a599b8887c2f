"""The password forgotten: a link by mail, for those who have an address.

Asking costs the same work and gets the same answer whether there is such an account: one row is
written; who is meant, and whether a mail goes out, is decided later, by the worker.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_encode
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access import limits
from shopops.access.personal import reveal, seal
from shopops.accounts.letters import SEND
from shopops.accounts.models import ResetRequest, User
from shopops.jobs import services as jobs
from shopops.notifications.sending import Outcome, hand_over

logger = logging.getLogger(__name__)
AN_HOUR: Final = 3
LASTS: Final = 3600  # seconds a link sent by mail is good for
AT_ONCE: Final = 20
KEEP: Final = timedelta(days=1)


class MailTokens(PasswordResetTokenGenerator):
    """Links for one hour, used up by setting a password or logging in; no other link passes for one."""

    key_salt = "shopops.accounts.forgotten"

    def check_token(self, user: User | None, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        try:
            made = base36_to_int(str(token).partition("-")[0])
        except ValueError:
            return False
        return self._num_seconds(self._now()) - made <= LASTS


mail_tokens = MailTokens()


def ask(text: str, *, address: str) -> int:
    """Note that somebody forgot a password; return the seconds to wait where ``address`` asks too often.

    Asked too often for one name, the answer is the same and nothing is sent.
    """
    if wait := limits.take("reset-address", address, limit=AN_HOUR * 5, seconds=3600):
        return wait
    name = text.strip().lower()[:254]
    too_often = limits.take("reset", name, limit=AN_HOUR, seconds=3600)
    now = clock.now()
    with transaction.atomic():
        ResetRequest.objects.create(asked=seal(name), created_at=now, handled_at=now if too_often else None)
        jobs.wake(SEND)  # also where nothing is to be sent: the same work whoever is meant
    return 0


def send_asked(*, now: datetime) -> int:
    """Send the links that were asked for; each request is handled once, and none outlives a day.

    Where the mail server is not reached, it is tried again.
    """
    ResetRequest.objects.filter(created_at__lt=now - KEEP).delete()
    sent = 0
    for row in ResetRequest.objects.filter(handled_at=None).order_by("pk")[:AT_ONCE]:
        if ResetRequest.objects.filter(pk=row.pk, handled_at=None).update(handled_at=now):
            count, unreached = _send(reveal(row.asked))
            sent += count
            if unreached:
                ResetRequest.objects.filter(pk=row.pk, handled_at=now).update(handled_at=None if not count else now)
                break
    return sent


def _send(name: str) -> tuple[int, bool]:
    """Send a link to everybody a name or an address means; return how many, and whether the server was not reached."""
    people = User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).exclude(email="")
    count = 0
    for user in people.order_by("pk")[:5]:
        with translation.override(user.language):
            mail = EmailMessage(
                _("A new password for %(store)s") % {"store": settings.STORE_NAME}, _text(user), to=[user.email]
            )
        outcome, error = hand_over(mail)
        count += outcome == Outcome.SENT
        if outcome != Outcome.SENT:
            logger.warning("reset mail not sent", extra={"user": user.pk, "outcome": outcome, "words": error[:200]})
        if outcome == Outcome.NOT_SENT:
            return count, True
    return count, False


def _text(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("accounts:welcome", kwargs={"uid": uid, "token": mail_tokens.make_token(user)})
    return _(
        "Somebody, you we hope, asked for a new password for the user name %(username)s.\n\n"
        "Set it here within one hour, once:\n%(link)s\n\n"
        "If it was not you, do nothing: the password stays as it is."
    ) % {"username": user.username, "link": f"{settings.SITE_URL}{path}"}
