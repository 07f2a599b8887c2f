"""A mail to somebody whose log-in was changed, so that a change that was not theirs does not stay unnoticed.

It is owed with the change, in its transaction, and handed over by the worker: no request waits for a mail server.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.accounts.models import Letter, User
from shopops.jobs import services as jobs
from shopops.notifications.sending import Outcome, hand_over

logger = logging.getLogger(__name__)
SENTENCES: Final = {
    "password": gettext_lazy("Your password was changed."),
    "factor_added": gettext_lazy("A second factor was added to your log-in."),
    "factor_removed": gettext_lazy("A second factor was removed from your log-in."),
    "factor_reset": gettext_lazy("An administrator removed the second factors of your log-in."),
    "token_made": gettext_lazy("An API token was made in your name."),
}
SEND: Final = "shopops.accounts.tasks.send_letters"
AT_ONCE: Final = 20
KEEP: Final = timedelta(days=7)  # then it is news no more


def owe(user: User, what: str) -> None:
    """Note, in the caller's transaction, that somebody is to be told what was changed, and wake the worker."""
    if what in SENTENCES:
        Letter.objects.create(user=user, what=what, created_at=clock.now())
        jobs.wake(SEND)


def send_owed(*, now: datetime) -> int:
    """Send the letters that are owed, each at most once; return how many went out.

    Taken is committed before the mail server hears of it; what certainly was not sent is owed again.
    """
    Letter.objects.filter(created_at__lt=now - KEEP).delete()
    sent = 0
    for row in Letter.objects.filter(sent_at=None).select_related("user").order_by("pk")[:AT_ONCE]:
        if not Letter.objects.filter(pk=row.pk, sent_at=None).update(sent_at=now):
            continue
        if not row.user.is_active or not row.user.email:
            continue
        outcome, error = hand_over(_mail(row.user, row.what))
        if outcome != Outcome.SENT:
            logger.warning("letter not sent", extra={"user": row.user_id, "outcome": outcome, "words": error[:200]})
        if outcome == Outcome.NOT_SENT:
            Letter.objects.filter(pk=row.pk, sent_at=now).update(sent_at=None)
            break
        sent += outcome == Outcome.SENT
    return sent


def _mail(user: User, what: str) -> EmailMessage:
    with translation.override(user.language):
        subject = _("Your log-in at %(store)s was changed") % {"store": settings.STORE_NAME}
        text = "\n\n".join(
            (str(SENTENCES[what]), _("It was not you, and nobody told you? Call your administrator at once."))
        )
    return EmailMessage(subject, text, to=[user.email])
