"""The same order, line or refund twice in one file: a later row counts, a contradiction is refused.

Rows are ordered by their own times, at equal times the further state counts (the merge does that).
Only where time and money disagree, nothing says which is true: then none of them is brought in.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop
from psycopg2 import sql

from products.orders.staging import table_of
from shopops.access.personal import seal
from shopops.exchange.models import ImportBatch, ImportReject
from shopops.words import in_each_language, sentence, written

# What a row is, what names it, and the money that must not differ.
_KINDS: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "order": ("order", ("order_number",), ("payable", "paid", "stated_refund", "postage")),
    "line": ("line", ("order_number", "line_key"), ("quantity", "amount", "line_paid", "paid", "stated_refund")),
    "refund": ("refund", ("refund_number",), ("refund_amount",)),
}
CellsOf = Callable[[set[int]], dict[int, list[str | None]]]
_CONTRADICTS: Final = gettext_noop(
    "The same number stands in row %(row)s with other money and the same times; neither is brought in."
)
_BELONGS: Final = gettext_noop("Row %(row)s of the same number contradicts another; none of that number is brought in.")
_TIMES: Final = "greatest(modified_at, done_at, finished_at, closed_at, shipped_at, paid_at, requested_at, created_at)"


def refuse_contradictions(batch: ImportBatch, grain: str, cells_of: CellsOf) -> None:
    """Move contradicting rows of the batch's staging table to the refused ones, and note repeated ones.

    All rows of such a number are refused, so that the refused ones, mended, are whole orders again.
    ``cells_of`` reads these rows of the file once more, as they stand there.
    """
    rec, key, money = _KINDS[grain]
    named = sql.SQL(", ").join(map(sql.Identifier, key))
    given = [name for name in money if name in batch.reading.get("gives", ())]
    values = sql.SQL(", ").join([sql.SQL("NULL"), *map(sql.Identifier, given)])
    parts = {
        "table": table_of(batch.pk),
        "key": named,
        "first": sql.Identifier(key[0]),
        "filled": sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in key),
        "times": sql.SQL(_TIMES),
        "money": sql.SQL("row({})::text").format(values),
        "rec": sql.Literal(rec),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REPEATED.format(**parts))
        repeated = int(cursor.fetchone()[0])
        if not repeated:
            return
        cursor.execute(_CONTRADICTING.format(**parts))
        bad = cursor.fetchall()
        _note(batch, repeated)
        if bad:
            cursor.execute(_REMOVE.format(**parts), [[number for number, _row, _first in bad]])
            _refuse(batch, key[0], bad, cursor.fetchall(), cells_of)


_REPEATED: Final = sql.SQL(
    "SELECT count(*) FROM (SELECT FROM {table} WHERE rec = {rec} AND {filled} GROUP BY {key} HAVING count(*) > 1) d"
)
_CONTRADICTING: Final = sql.SQL(
    """
    SELECT s.number, s.row_no, s.first_row FROM (
        SELECT {first} AS number, row_no, {times} AS at,
               min(row_no) OVER v AS first_row, max({times}) OVER v AS latest,
               min({money}) OVER w <> max({money}) OVER w AS differs
        FROM {table} WHERE rec = {rec} AND {filled}
        WINDOW v AS (PARTITION BY {key}), w AS (PARTITION BY {key}, {times})
    ) s
    WHERE s.differs AND s.at IS NOT DISTINCT FROM s.latest
    ORDER BY s.row_no
    """
)
_REMOVE: Final = sql.SQL("DELETE FROM {table} WHERE {first} = ANY(%s) RETURNING {first}, row_no")


def _note(batch: ImportBatch, repeated: int) -> None:
    message = sentence("Numbers that stand in the file more than once: %(count)s; the later state counts.") % {
        "count": repeated
    }
    batch.notices = [*batch.notices, {"code": "repeated", **written(message)}]
    batch.save(update_fields=["notices"])


def _refuse(
    batch: ImportBatch, key: str, bad: list[tuple[Any, ...]], removed: list[tuple[str, int]], cells_of: CellsOf
) -> None:
    titles = {item["field"]: item["column"] for item in batch.reading.get("columns", ())}
    other = {row: _other(bad, number, row, first) for number, row, first in bad}
    first_bad = {number: row for number, row, _first in reversed(bad)}
    rows = dict(sorted((row, number) for number, row in removed))
    cells = cells_of(set(rows))
    ImportReject.objects.bulk_create(
        ImportReject(
            batch=batch,
            row_no=row,
            column=titles.get(key, "")[:100],
            value=number[:64],
            code="contradiction",
            message=str(reason),
            said=in_each_language(reason),
            cells=seal(json.dumps(cells[row], ensure_ascii=False)) if row in cells else None,
        )
        for row, number in rows.items()
        for reason in [
            sentence(_CONTRADICTS) % {"row": other[row]}
            if row in other
            else sentence(_BELONGS) % {"row": first_bad[number]}
        ]
    )
    counts = batch.counts
    batch.counts = {
        **counts,
        "staged": counts["staged"] - len(removed),
        "refused": counts["refused"] + len(rows),
    }
    batch.save(update_fields=["counts"])


def _other(bad: list[tuple[Any, ...]], number: str, row_no: int, first_row: int) -> int:
    """The row a refused row is at odds with: the first of its number, or for that one the next."""
    if row_no != first_row:
        return int(first_row)
    return next((int(row) for other, row, _first in bad if other == number and row != row_no), int(first_row))
