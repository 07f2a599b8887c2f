"""Report mails: at most one per person and revision, none lost silently (like promise P1).

A mailing is ``inflight``, committed, before the mail server hears of it. Killed there, it becomes
``unknown`` and is never sent again by itself. What certainly was not sent goes back to ``pending``.
"""

from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation

from analytics.reports import message
from analytics.reports.models import Mailing, Report
from shopops import clock
from shopops.accounts.models import User
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.notifications.sending import Outcome, hand_over

LOST_AFTER: Final = timedelta(minutes=5)  # far beyond the mail server's time limit
PATIENCE: Final = timedelta(minutes=30)  # how long a mail waits for other caught-up days
PEOPLE_AT_ONCE: Final = 20  # one run stays far below the task's time limit
MAX_ATTEMPTS: Final = 12
State = Mailing.State
STATES: Final = {
    Outcome.SENT: State.SENT,
    Outcome.NOT_SENT: State.PENDING,
    Outcome.REFUSED: State.FAILED,
    Outcome.UNKNOWN: State.UNKNOWN,
}


def give_up_lost(*, now: datetime) -> int:
    """Mark mails whose sender vanished: whether they went out is not known."""
    lost = Mailing.objects.filter(state=State.INFLIGHT, inflight_at__lt=now - LOST_AFTER)
    return lost.update(state=State.UNKNOWN, error="The sender was lost.")


def wake_if_owed(*, now: datetime) -> None:
    """Ask for a sender when a mail may go out now."""
    if _owed(now).exists():
        with transaction.atomic():
            jobs.wake("analytics.reports.tasks.send_mails")


def send_owed(*, now: datetime) -> int:
    """Send what is owed, one mail a person with all its days; return how many mails went out.

    While reports are still being made their days are waited for (half an hour at most), so that a
    store that comes back after nine nights sends one mail, not nine.
    """
    if _more_coming(now):
        return 0
    people = list(_owed(now).order_by("user_id").values_list("user_id", flat=True).distinct()[:PEOPLE_AT_ONCE])
    return sum(_send_to(person, now=now) for person in people)


def _owed(now: datetime) -> QuerySet[Mailing]:
    return Mailing.objects.filter(Q(not_before=None) | Q(not_before__lte=now), state=State.PENDING)


def _more_coming(now: datetime) -> bool:
    oldest = _owed(now).order_by("revision__made_at").values_list("revision__made_at", flat=True).first()
    if oldest is None:
        return True
    open_jobs = Job.objects.filter(
        kind="analytics.reports.services.make", queue="reports", state__in=(Job.State.QUEUED, Job.State.RUNNING)
    )
    return open_jobs.exists() and oldest > now - PATIENCE


def _take(person: int, now: datetime) -> list[Mailing]:
    """Set a person's owed mails in flight, committed; nobody else can take them."""
    with transaction.atomic():
        ids = list(
            _owed(now)
            .filter(user_id=person)
            .select_for_update(skip_locked=True, of=["self"])
            .values_list("pk", flat=True)
        )
        Mailing.objects.filter(pk__in=ids).update(state=State.INFLIGHT, inflight_at=now)
    taken = (
        Mailing.objects.filter(pk__in=ids).select_related("revision__report").order_by("revision__report__day", "pk")
    )
    return list(taken)


def _send_to(person: int, *, now: datetime) -> int:
    user = User.objects.filter(pk=person, is_active=True).exclude(email="").first()
    taken = _take(person, now)
    if not taken:
        return 0
    if user is None:
        _settle(taken, State.FAILED, "The log-in is switched off or has no address.")
        return 0
    # Of several revisions of one day only the newest is told; the mail covers them all.
    newest = [list(group)[-1].revision for _day, group in groupby(taken, key=lambda mail: mail.revision.report.day)]
    with translation.override(user.language):
        mail = message.compose(newest, user)
    outcome, error = _hand_over(mail)
    if outcome == State.PENDING:
        _wait(taken, now, error)
    else:
        _settle(taken, outcome, error)
    return outcome == State.SENT


def _hand_over(mail: EmailMultiAlternatives) -> tuple[str, str]:
    """Give the mail to the server; return the state that tells what is known of it."""
    outcome, error = hand_over(mail)
    return STATES[outcome], error


def _wait(taken: list[Mailing], now: datetime, error: str) -> None:
    worn_out = [mail.pk for mail in taken if mail.attempts + 1 >= MAX_ATTEMPTS]
    mine = Mailing.objects.filter(pk__in=[mail.pk for mail in taken], state=State.INFLIGHT)
    mine.filter(pk__in=worn_out).update(state=State.FAILED, error=error[:300])
    pause = timedelta(minutes=min(60, 2 ** taken[0].attempts))
    mine.update(
        state=State.PENDING, attempts=F("attempts") + 1, not_before=now + pause, inflight_at=None, error=error[:300]
    )


def _settle(taken: list[Mailing], state: str, error: str) -> None:
    # Only what is still in flight: a mail given up as lost stays unknown.
    Mailing.objects.filter(pk__in=[mail.pk for mail in taken], state=State.INFLIGHT).update(
        state=state, error=error[:300], sent_at=clock.now() if state == State.SENT else None
    )


def states_of(report: Report) -> list[tuple[str, int]]:
    """Return how many mails of a report are in each state, in words."""
    found = Counter(Mailing.objects.filter(revision__report=report).values_list("state", flat=True))
    return [(str(label), found[state]) for state, label in State.choices if found[state]]
