"""Telling people: grouped while unread, once per fault, never with personal data in the text."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from psycopg2.extras import Json

from shopops import clock
from shopops.access.holders import of_role
from shopops.access.personal import mask_phone, protect_email
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.notifications.kinds import kinds
from shopops.notifications.models import Notification, Preference, QuietHours
from shopops.ui import records

if TYPE_CHECKING:
    from shopops.accounts.models import User

MORNING: Final = time(8)  # store time: where snoozes end and digests go out
LONGEST: Final = 120  # characters of one value
MOST: Final = 20  # codes of one list
_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_EMAIL: Final = re.compile(r"[^\s@<>()，、；]+@[^\s@<>()，、；]+\.[A-Za-z]{2,}")


def notify(
    to: "Iterable[User] | str",
    kind: str,
    *,
    record: Model | None = None,
    by: "User | None" = None,
    text_values: Mapping[str, object] | None = None,
    once: str = "",
) -> int:
    """Tell people of something; return how many were told.

    ``to`` are people or a role's code; who did it (``by``) is not told, nor is whoever may not see the
    ``record`` now (a role may be limited to channels, a team …). What somebody has not read yet
    of the same kind and record is counted up instead of repeated. ``once`` names a fault: it is told a
    single time, for ever and to everybody. Joins the caller's transaction: taken back with it.
    """
    known = kinds()[kind]
    people = of_role(to) if isinstance(to, str) else to
    ids = sorted({person.pk for person in people} - {by.pk if by else None})
    with transaction.atomic():
        if once and not first_time([once]):
            return 0
        if record is not None:
            ids = _who_may_see(ids, record)
        if not ids:
            return 0
        table, row = (record._meta.db_table, record.pk) if record is not None else ("", None)
        return _tell(
            ids,
            {
                "kind": kind,
                "bundle": f"{kind}:{table}:{row or ''}",
                "table": table,
                "row": row,
                "values": Json({name: _plain(value) for name, value in (text_values or {}).items()}),
                "actor": by.pk if by else None,
                "now": clock.now(),
                "adds": list(known.adds),
                "gathers": list(known.gathers),
            },
        )


def _who_may_see(ids: list[int], record: Model) -> list[int]:
    """Return those who may open the record's page; all of them where it has none."""
    if not ids or records.kind_of(record) is None:
        return ids
    people = get_user_model().objects.with_permissions().filter(pk__in=ids, is_active=True).order_by("pk")
    return [person.pk for person in records.who_may_see(people, record)]


def _tell(ids: list[int], values: dict[str, object]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO shopops_notification AS n
                (user_id, kind, bundle, table_name, row_id, count, text_values, actor_id, first_at, at)
            SELECT u.id, %(kind)s, %(bundle)s, %(table)s, %(row)s, 1, %(values)s, %(actor)s, %(now)s, %(now)s
            FROM shopops_user u WHERE u.id = ANY(%(ids)s) AND u.is_active ORDER BY u.id
            ON CONFLICT (user_id, bundle) WHERE seen_at IS NULL DO UPDATE SET
                count = n.count + 1, at = excluded.at, actor_id = excluded.actor_id,
                text_values = excluded.text_values || coalesce((
                    SELECT jsonb_object_agg(name, coalesce((n.text_values ->> name)::bigint, 0)
                                                  + coalesce((excluded.text_values ->> name)::bigint, 0))
                    FROM unnest(%(adds)s::text[]) name), '{}') || coalesce((
                    SELECT jsonb_object_agg(name, (
                        SELECT jsonb_agg(DISTINCT code) FROM jsonb_array_elements(
                            coalesce(n.text_values -> name, '[]') || (excluded.text_values -> name)) code))
                    FROM unnest(%(gathers)s::text[]) name), '{}')
            """,
            values | {"ids": ids},
        )
        return cursor.rowcount


def first_time(keys: Iterable[str]) -> set[str]:
    """Return those of these faults nobody was told of before, and remember them with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO shopops_fault (key, at) SELECT key, %s FROM unnest(%s::text[]) key ORDER BY key
            ON CONFLICT (key) DO NOTHING RETURNING key
            """,
            [clock.now(), sorted(set(keys))],
        )
        return {key for (key,) in cursor.fetchall()}


def _plain(value: object) -> object:
    """Return a value as a sentence may hold it: numbers, short texts without phones and addresses, lists of these."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value[:MOST]]
    text = _PHONE.sub(lambda found: mask_phone(found[0]), str(value))
    return _EMAIL.sub(lambda found: protect_email(found[0]).mask, text)[:LONGEST]


def settle(kind: str, record: Model) -> None:
    """Take a matter off everybody's list: it needs nobody any more."""
    Notification.objects.filter(bundle=f"{kind}:{record._meta.db_table}:{record.pk}", seen_at=None).update(
        seen_at=clock.now()
    )


def mark_seen(user: "User", pk: int | None = None) -> int:
    """Mark one of somebody's notifications as read, or all that are shown; return how many were unread."""
    now = clock.now()
    rows = Notification.objects.visible_to(user)
    rows = rows.filter(pk=pk, seen_at=None) if pk is not None else rows.unread(now)
    return rows.update(seen_at=now, snoozed_until=None)


def snooze(user: "User", pk: int, until: str) -> datetime:
    """Put a notification aside: for an hour, until tomorrow morning or next week's; return until when. Raises Refused."""
    now = clock.now()
    ends = _snoozes(now).get(until)
    if ends is None:
        raise Refused(_("Choose how long."))
    if not Notification.objects.visible_to(user).filter(pk=pk, seen_at=None).update(snoozed_until=ends):
        raise Refused(_("This notification is read already."))
    return ends


def _snoozes(now: datetime) -> dict[str, datetime]:
    today = clock.store_day(now)

    def morning(days: int) -> datetime:
        return datetime.combine(today + timedelta(days=days), MORNING, clock.store_zone())

    return {"hour": now + timedelta(hours=1), "tomorrow": morning(1), "week": morning(7 - today.weekday())}


def choose(user: "User", mails: Mapping[str, str], *, quiet_from: time | None, quiet_to: time | None) -> None:
    """Keep how somebody wants to be told by e-mail: ``mails`` is kind → off, now, digest. Raises Refused."""
    if (quiet_from is None) != (quiet_to is None):
        raise Refused(_("Quiet hours need a beginning and an end."))
    known = kinds()
    wanted = [
        Preference(user=user, kind=code, mail=mail)
        for code, mail in mails.items()
        if code in known and mail in Preference.Mail.values
    ]
    with acting(user):
        Preference.objects.bulk_create(
            wanted, update_conflicts=True, unique_fields=["user", "kind"], update_fields=["mail"]
        )
        QuietHours.objects.update_or_create(user=user, defaults={"quiet_from": quiet_from, "quiet_to": quiet_to})
