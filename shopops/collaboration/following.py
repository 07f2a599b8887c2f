"""Followers hear of what people changed on their records: read from the history by the worker, so that no service can
forget it, and set-based, so that an import costs one statement and one note.

How far it was read is kept in one row. A change gets its number before its transaction ends: numbers are only passed
once every transaction that was writing changes when they were given out is over (who writes holds a lock on the table).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import connection, transaction
from django.utils.functional import Promise

from shopops.accounts.models import User
from shopops.collaboration.models import FollowersTold
from shopops.notifications.services import notify
from shopops.ui import records
from shopops.ui.timeline import TECHNICAL, column_words
from shopops.words import listed

if TYPE_CHECKING:
    from shopops.ui.records import Key

CHANGED: Final = "collaboration.changed"
CHANGED_MANY: Final = "collaboration.changed_many"
SINGLE: Final = ("", "act", "undo-act", "approval", "request")  # sources of what one person did to one record
MANY: Final = ("import", "undo", "bulk", "undo-bulk")  # of what changes many, by whomever
NOTES_AT_ONCE: Final = 10  # records one person is told of one by one; of more they get their number
FIELDS: Final = 6  # named in one sentence
_WRITTEN: Final = """
    SELECT (SELECT coalesce(max(id), 0) FROM shopops_change), coalesce(array_agg(DISTINCT virtualtransaction), '{}')
    FROM pg_locks
    WHERE relation = 'shopops_change'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
"""
_OF_RECORDS: Final = """
    SELECT c.id, f.user_id, f.table_name, f.row_id FROM shopops_change c
    JOIN shopops_follow f ON f.table_name = c.table_name AND f.row_id = c.row_id
    WHERE c.id > %(after)s AND c.id <= %(upto)s
"""


class Changed(NamedTuple):
    """A record somebody follows, and what others changed on it."""

    follower: int
    record: "Key"
    is_many: bool  # with many others, by an import or an act over a list
    columns: tuple[str, ...]  # "table.column"
    actor: int | None  # where it was one


def tell_followers(*, now: datetime) -> None:
    """Tell followers of the changes that were not told yet, each once. Safe in any number of copies."""
    with transaction.atomic():
        FollowersTold.objects.get_or_create(pk=1, defaults={"through": _written()[0]})
        mark = FollowersTold.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if mark is not None and (span := _next_span(mark)) is not None:
            _tell(_changed(*span))


def _written() -> tuple[int, list[str]]:
    """Return the newest change's number and who is still writing changes; the number is read first."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        last, writing = cursor.fetchone()
    return last, writing


def _next_span(mark: FollowersTold) -> tuple[int, int] | None:
    """Return after which change and up to which one may be told now, and remember it; None where nothing can be."""
    last, writing = _written()
    if mark.upto is None:
        if last <= mark.through:
            return None
        mark.upto, mark.writers = last, writing
    span = None
    if not set(mark.writers) & set(writing):
        span = (mark.through, mark.upto)
        mark.through, mark.upto, mark.writers = mark.upto, None, []
    mark.save(update_fields=["through", "upto", "writers"])
    return span


def _changed(after: int, upto: int) -> list[Changed]:
    """Return what was changed on followed records, in themselves or in their parts; one statement."""
    selects = [_OF_RECORDS]
    for table in records.kinds():
        for part in records.parts_of(table):
            meta = part.model._meta
            selects.append(f"""
                SELECT c.id, f.user_id, f.table_name, f.row_id FROM shopops_change c
                JOIN "{meta.db_table}" p ON p."{meta.pk.column}" = c.row_id
                JOIN shopops_follow f ON f.table_name = '{table}' AND f.row_id = p."{part.key}"
                WHERE c.table_name = '{meta.db_table}' AND c.id > %(after)s AND c.id <= %(upto)s
            """)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT t.user_id, t.table_name, t.row_id, NOT s.word = ANY(%(single)s) AS is_many,
                   array_agg(DISTINCT c.table_name || '.' || k ORDER BY c.table_name || '.' || k),
                   CASE WHEN min(c.actor_id) = max(c.actor_id) THEN min(c.actor_id) END
            FROM ({" UNION ALL ".join(selects)}) t JOIN shopops_change c ON c.id = t.id
            CROSS JOIN LATERAL split_part(c.source, ':', 1) s (word)
            CROSS JOIN LATERAL jsonb_object_keys(c.changes) k
            WHERE c.op = 'update' AND c.actor_id IS DISTINCT FROM t.user_id
              AND (c.actor_id IS NOT NULL OR s.word = ANY(%(many)s))
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """,
            {"after": after, "upto": upto, "single": list(SINGLE), "many": list(MANY)},
        )
        rows = cursor.fetchall()
    told = [Changed(user, (table, row), many, _told(columns), actor) for user, table, row, many, columns, actor in rows]
    return [item for item in told if item.columns]


def _told(columns: Iterable[str]) -> tuple[str, ...]:
    """Return those columns that have a name for people; the others are the program's own."""
    return tuple(name for name in columns if name.partition(".")[2] not in TECHNICAL and _name_of(name))


def _name_of(column: str) -> str:
    table, _dot, name = column.partition(".")
    words = column_words(table, name)
    return str(words) if isinstance(words, Promise) else ""


def names_of(columns: Iterable[str]) -> str:
    """Return fields, each as "table.column", in words."""
    names = list(dict.fromkeys(name for item in columns if (name := _name_of(item))))
    return listed(names[:FIELDS]) + (" …" if len(names) > FIELDS else "")


def _tell(changed: list[Changed]) -> None:
    wanted = {item.follower for item in changed} | {item.actor for item in changed if item.actor}
    people = {user.pk: user for user in User.objects.with_permissions().filter(pk__in=wanted)}
    seen = _visible(changed, people)
    notes: dict[tuple[Key, tuple[str, ...], int | None], list[User]] = defaultdict(list)
    many: dict[int, set[Key]] = defaultdict(set)
    ones: dict[int, int] = defaultdict(int)
    for item in changed:
        if item.record not in seen.get(item.follower, ()):
            continue
        if item.is_many or ones[item.follower] == NOTES_AT_ONCE:
            many[item.follower].add(item.record)
        else:
            ones[item.follower] += 1
            notes[item.record, item.columns, item.actor].append(people[item.follower])
    for ((table, pk), columns, actor), to in notes.items():
        record = records.kinds()[table].model(pk=pk)
        notify(to, CHANGED, record=record, by=people.get(actor or 0), text_values={"columns": list(columns)})
    for pk, found in many.items():
        notify([people[pk]], CHANGED_MANY, text_values={"records": len(found)})


def _visible(changed: list[Changed], people: Mapping[int, User]) -> dict[int, set["Key"]]:
    """Return the records each follower may see; one query for each follower and table."""
    wanted: dict[tuple[int, str], set[int]] = defaultdict(set)
    for item in changed:
        wanted[item.follower, item.record[0]].add(item.record[1])
    found: dict[int, set[Key]] = defaultdict(set)
    for (pk, table), ids in wanted.items():
        if people[pk].is_active:
            rows = records.kinds()[table].rows(people[pk]).filter(pk__in=ids)
            found[pk] |= {(table, row) for row in rows.values_list("pk", flat=True)}
    return found
