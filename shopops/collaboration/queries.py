from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Model, Prefetch

from shopops.collaboration.models import Attachment, Comment, Follow, Pin
from shopops.ui import records

if TYPE_CHECKING:
    from shopops.accounts.models import User

MOST_PARTS = 2000  # rows of one table told on one page; an order of more lines tells its first


def rows_of(record: Model) -> dict[str, list[int]]:
    """Return the rows whose changes a record's page tells, by table: its own, its parts', its comments'; one statement."""
    table = record._meta.db_table
    found: dict[str, list[int]] = {table: [record.pk]}
    selects, values = ["SELECT %s::text, id FROM shopops_comment WHERE table_name = %s AND row_id = %s"], []
    values += [Comment._meta.db_table, table, record.pk]
    for part in records.parts_of(table):
        meta = part.model._meta
        pk = meta.pk.column
        selects.append(
            f'(SELECT %s::text, "{pk}" FROM "{meta.db_table}" WHERE "{part.key}" = %s ORDER BY "{pk}" LIMIT {MOST_PARTS})'
        )
        values += [meta.db_table, record.pk]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), values)
        for name, pk in cursor.fetchall():
            found.setdefault(name, []).append(pk)
    return found


def comments_by_id(ids: Iterable[int]) -> dict[int, Comment]:
    """Return these comments with their writers and files; two queries."""
    files = Attachment.objects.order_by("pk")
    comments: Any = Comment.objects.filter(pk__in=list(ids)).select_related("created_by", "removed_by")
    return {item.pk: item for item in comments.prefetch_related(Prefetch("files", queryset=files))}


def standing(record: Model, user: "User") -> dict[str, Any]:
    """Say whether somebody follows and has pinned a record, and how many follow it; one query."""
    of_record = {"table_name": record._meta.db_table, "row_id": record.pk}
    following = Follow.objects.filter(**of_record)
    with connection.cursor() as cursor:
        parts = [following.values("pk"), following.filter(user=user).values("pk")]
        parts.append(Pin.objects.filter(user=user, **of_record).values("pk"))
        compiled = [part.order_by().query.sql_with_params() for part in parts]
        cursor.execute(
            f"SELECT {', '.join(f'(SELECT count(*) FROM ({sql}) t)' for sql, _values in compiled)}",
            [value for _sql, values in compiled for value in values],
        )
        followers, follows, pinned = cursor.fetchone()
    return {"followers": followers, "follows": bool(follows), "pinned": bool(pinned)}
