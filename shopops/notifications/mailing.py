"""Notifications by e-mail: one mail a person with all that is due, each notification at most once.

``mailed_at`` is committed before the mail server hears of it, so a killed sender repeats nothing; what
certainly was not sent is owed again. What was read in the page meanwhile is not sent.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import translation

from shopops import clock
from shopops.jobs import services as jobs
from shopops.notifications import message
from shopops.notifications.kinds import kinds
from shopops.notifications.models import QUIET_FROM, QUIET_TO, Notification
from shopops.notifications.sending import Outcome, hand_over
from shopops.notifications.services import MORNING

logger = logging.getLogger(__name__)
PEOPLE_AT_ONCE: Final = 20  # one run stays far below the task's time limit
ROWS_AT_ONCE: Final = 2000
_OWED: Final = """
    SELECT n.user_id, n.id FROM shopops_notification n
    JOIN shopops_user u ON u.id = n.user_id AND u.is_active AND u.email <> ''
    JOIN unnest(%(kinds)s::text[], %(mails)s::text[]) k (kind, mail) ON k.kind = n.kind
    LEFT JOIN shopops_preference p ON p.user_id = n.user_id AND p.kind = n.kind
    LEFT JOIN shopops_quiethours h ON h.user_id = n.user_id
    CROSS JOIN LATERAL (SELECT
        CASE WHEN h.id IS NULL THEN %(quiet_from)s::time ELSE h.quiet_from END AS a,
        CASE WHEN h.id IS NULL THEN %(quiet_to)s::time ELSE h.quiet_to END AS b) q
    WHERE n.mailed_at IS NULL AND n.seen_at IS NULL AND (n.snoozed_until IS NULL OR n.snoozed_until <= %(now)s)
      AND CASE coalesce(p.mail, k.mail) WHEN 'now' THEN true WHEN 'digest' THEN n.first_at < %(digest)s ELSE false END
      AND NOT coalesce(CASE WHEN q.a <= q.b THEN %(time)s::time >= q.a AND %(time)s::time < q.b
                            ELSE %(time)s::time >= q.a OR %(time)s::time < q.b END, false)
    ORDER BY n.user_id, n.id LIMIT %(limit)s
"""


def owed(now: datetime, *, limit: int = ROWS_AT_ONCE) -> dict[int, list[int]]:
    """Return person → notifications to be mailed now, by everybody's choice and quiet hours (store time)."""
    known = kinds()
    values = {
        "kinds": list(known),
        "mails": [item.default_mail for item in known.values()],
        "quiet_from": QUIET_FROM,
        "quiet_to": QUIET_TO,
        "now": now,
        "digest": _latest_digest(now),
        "time": clock.store_time(now).time(),
        "limit": limit,
    }
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_OWED, values)
        for person, pk in cursor.fetchall():
            found[person].append(pk)
    return found


def _latest_digest(now: datetime) -> datetime:
    today = clock.store_day(now)
    moment = datetime.combine(today, MORNING, clock.store_zone())
    return moment if moment <= now else datetime.combine(today - timedelta(days=1), MORNING, clock.store_zone())


def wake_if_owed(*, now: datetime) -> None:
    """Ask for a sender when a mail may go out now."""
    if owed(now, limit=1):
        with transaction.atomic():
            jobs.wake("shopops.notifications.tasks.send_mails")


def send_owed(*, now: datetime) -> int:
    """Send what is owed, one mail a person; return how many went out. Stops where the server is not reached."""
    sent = 0
    for person, ids in list(owed(now).items())[:PEOPLE_AT_ONCE]:
        outcome = _send_to(person, ids, now=now)
        if outcome == Outcome.NOT_SENT:
            break
        sent += outcome == Outcome.SENT
    return sent


def _send_to(person: int, ids: list[int], *, now: datetime) -> Outcome | None:
    # Taken and committed first: whoever else wants to send these finds nothing.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE shopops_notification SET mailed_at = %s WHERE id = ANY(%s) AND mailed_at IS NULL AND seen_at IS NULL"
            " RETURNING id",
            [now, ids],
        )
        taken = [pk for (pk,) in cursor.fetchall()]
    if not taken:
        return None
    rows = list(Notification.objects.filter(pk__in=taken).order_by("-at", "-pk"))
    user = get_user_model().objects.get(pk=person)
    with translation.override(user.language):
        mail = message.compose(rows, user)
    outcome, error = hand_over(mail)
    if outcome == Outcome.NOT_SENT:
        Notification.objects.filter(pk__in=taken, mailed_at=now).update(mailed_at=None)
    if outcome != Outcome.SENT:
        logger.warning("notification mail not sent", extra={"person": person, "outcome": outcome, "words": error[:200]})
    return outcome
