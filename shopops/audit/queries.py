"""Searching the history: by who, when, record, field, request and value, each by an index or within a narrow range."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from shopops import clock
from shopops.access.declare import may
from shopops.access.field_classes import hidden_columns
from shopops.access.scopes import is_limited_anywhere
from shopops.history.models import Change
from shopops.ui import records

if TYPE_CHECKING:
    from shopops.accounts.models import User

SKEW: Final = timedelta(minutes=10)  # numbers are given out in the order of time but for statements that ran together


def first_id_since(moment: datetime) -> int:
    """Return the number of the first change at or after a moment (about: see SKEW) by halving; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE halves (low, high) AS (
                SELECT min(id), max(id) + 1 FROM shopops_change
                UNION ALL
                SELECT CASE WHEN row.at < %(moment)s THEN row.id + 1 ELSE low END,
                       CASE WHEN row.at < %(moment)s THEN high ELSE (low + high) / 2 END
                FROM halves CROSS JOIN LATERAL (
                    SELECT id, at FROM shopops_change WHERE id >= (low + high) / 2 ORDER BY id LIMIT 1
                ) row
                WHERE low < high
            )
            SELECT coalesce(max(low), 0) FROM halves
            """,
            {"moment": moment},
        )
        return int(cursor.fetchone()[0])


def of_days(changes: QuerySet[Change], days: tuple[date | None, date | None]) -> QuerySet[Change]:
    """Narrow to store days from … to … by a range of numbers, so that pages need no index on the time."""
    first, last = days
    if first:
        begin = clock.day_range(first)[0]
        changes = changes.filter(at__gte=begin, pk__gte=first_id_since(begin - SKEW))
    if last:
        end = clock.day_range(last)[1]
        changes = changes.filter(at__lt=end, pk__lt=first_id_since(end + SKEW))
    return changes


def readable_tables(user: "User") -> list[str]:
    """Return the tables whose values this person may read: those of records whose pages they may open."""
    return [
        table
        for table in connection.introspection.django_table_names(only_existing=False)
        if values_are_open(user, table)
    ]


def values_are_open(user: "User", table: str) -> bool:
    """Say whether this person may open the pages of a table's records; tables without pages are technical."""
    if table in records.named_by_row():
        return False
    kind = records.kind_of(table)
    return kind is None or may(user, kind.permission)


def with_value(changes: QuerySet[Change], text: str, user: "User") -> QuerySet[Change]:
    """Narrow to changes whose value before or after contains ``text``: only values this person is shown are looked at.

    Who sees some channels only finds nothing by a value: which rows hold it would tell of the others.
    """
    if is_limited_anywhere(user):
        return changes.none()
    hidden = hidden_columns()
    condition: Any = RawSQL(
        """
        table_name = ANY(%s) AND EXISTS (
            SELECT FROM jsonb_each(changes) part
            WHERE strpos(lower(part.value::text), lower(%s)) > 0
              AND NOT (table_name || '.' || part.key) = ANY(%s)
        )
        """,
        [readable_tables(user), _as_in_json(text), [f"{table}.{column}" for table, column in hidden]],
    )
    return changes.annotate(has_value=condition).filter(has_value=True)


def _as_in_json(text: str) -> str:
    """Return the text as it stands inside a JSON string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
