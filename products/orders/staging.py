"""Staging: the rows of one file, converted and protected, in a table of its own until merged.

The table is UNLOGGED (a crash empties it, then the kept upload is read again) and typed, so that
everything after the ``COPY`` is set-based. Only the columns a file gives are filled; a null means
"not given" and never overwrites.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from io import StringIO
from operator import itemgetter
from typing import Final

from django.db import connection, transaction
from psycopg2 import sql

from shopops.access.personal import mask_name, protect_text

TEXT, MONEY, TIME, WHOLE = "text", "numeric", "timestamptz", "int"
BYTES, YES, LIST = "bytea", "boolean", "text[]"
COLUMNS: Final[dict[str, str]] = {
    "row_no": WHOLE,
    "rec": TEXT,  # order, line, refund
    **dict.fromkeys(("order_number", "order_kind", "state", "platform_state"), TEXT),
    **dict.fromkeys(("created_at", "paid_at", "shipped_at", "finished_at", "closed_at", "due_at", "modified_at"), TIME),
    **dict.fromkeys(
        ("payable", "paid", "received", "postage", "discount_store", "discount_platform", "stated_refund"), MONEY
    ),
    "refunded_all": YES,
    "buyer_id": TEXT,
    "email_cipher": BYTES,
    "email_digest": BYTES,
    "email_mask": TEXT,
    "receiver_name": TEXT,
    "phone_cipher": BYTES,
    "phone_digest": BYTES,
    "phone_tail": TEXT,
    "phone_mask": TEXT,
    "address_cipher": BYTES,
    **dict.fromkeys(
        ("province", "city", "district", "message", "memo", "flag", "courier", "waybill", "shop_name", "currency"), TEXT
    ),
    "pieces": WHOLE,
    "titles": TEXT,
    "talent": TEXT,
    "notes": LIST,
    **dict.fromkeys(
        ("line_key", "line_kind", "code", "item_code", "platform_item", "platform_sku", "title", "attributes"), TEXT
    ),
    "quantity": WHOLE,
    "unit_price": MONEY,
    "amount": MONEY,
    "line_paid": MONEY,
    "line_state": TEXT,
    "line_refund_state": TEXT,
    "line_refund": MONEY,
    "refund_number": TEXT,
    "refund_order": TEXT,
    "refund_amount": MONEY,
    "refund_state": TEXT,
    "refund_platform_state": TEXT,
    "requested_at": TIME,
    "done_at": TIME,
    "refund_due_at": TIME,
    "reason": TEXT,
    "refund_kind": TEXT,
    "refund_quantity": WHOLE,
    "name_cipher": BYTES,  # instead of receiver_name, which never reaches the table
    "name_mask": TEXT,
}
BLOCK: Final = 16_000  # rows of one COPY statement
REMEMBERED: Final = 100_000  # texts of values met before
POSITION: Final = {name: index for index, name in enumerate(COLUMNS)}


def table_of(batch_id: int) -> sql.Identifier:
    """Return the staging table of a batch."""
    return sql.Identifier("stage", f"orders_{int(batch_id)}")


def make(batch_id: int) -> None:
    """Make the batch's empty staging table, dropping a former one."""
    drop(batch_id)
    columns = sql.SQL(", ").join(sql.SQL(f"{{}} {kind}").format(sql.Identifier(name)) for name, kind in COLUMNS.items())
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(table_of(batch_id), columns))


def drop(batch_id: int) -> None:
    """Remove the batch's staging table."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table_of(batch_id)))


def holds(batch_id: int, rows: int) -> bool:
    """Say whether the staging table still has exactly ``rows`` rows (a crash empties it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"stage.orders_{int(batch_id)}"])
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table_of(batch_id)))
        return bool(cursor.fetchone()[0] == rows)


def fill(
    batch_id: int, gives: Iterable[str], records: Iterable[tuple[object, ...]], progress: Callable[[int], None]
) -> int:
    """Stream ``records`` into the staging table by ``COPY``; return how many.

    ``progress`` is called with the count every few thousand rows.
    """
    wanted = {"row_no", "rec", *gives}
    if "receiver_name" in wanted:
        wanted = wanted - {"receiver_name"} | {"name_cipher", "name_mask"}
        records = _names_protected(records)
    names = [name for name in COLUMNS if name in wanted]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        table_of(batch_id), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    count = 0
    # A statement for each block: between them the reader may store refused rows and the job renew its lease.
    for rows, text in _encoded(records, [POSITION[name] for name in names]):
        with connection.cursor() as cursor:
            cursor.copy_expert(statement.as_string(cursor.connection), StringIO(text))
        count += rows
        progress(count)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 20")  # a sample does
        cursor.execute(sql.SQL("ANALYZE {}").format(table_of(batch_id)))
    return count


def _names_protected(records: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    at = POSITION["receiver_name"]
    for record in records:
        name = record[at]
        if isinstance(name, str) and name:
            masked = "*" in name or "＊" in name
            yield (*record, None if masked else protect_text(name), mask_name(name))
        else:
            yield (*record, None, None)


class _Memo(dict[object, str]):
    """The text of values met before: most repeat."""

    def __missing__(self, value: object) -> str:
        text = _text(value)
        if len(self) < REMEMBERED and value.__class__ is not bytes:
            self[value] = text
        return text


def _encoded(records: Iterable[tuple[object, ...]], positions: list[int]) -> Iterator[tuple[int, str]]:
    """Yield blocks of records as (how many, COPY text)."""
    texts = _Memo({None: r"\N"}).__getitem__
    row_no, *rest = positions  # no row number repeats
    pick = itemgetter(*rest, POSITION["rec"])  # one more, so that it always gives a tuple
    lists = POSITION["notes"] in positions
    block: list[str] = []
    for record in records:
        values = pick(record)[:-1]
        if lists:
            values = tuple(tuple(value) if value.__class__ is list else value for value in values)
        block.append(f"{record[row_no]}\t" + "\t".join(map(texts, values)))
        if len(block) >= BLOCK:
            yield len(block), "\n".join(block) + "\n"
            block.clear()
    if block:
        yield len(block), "\n".join(block) + "\n"


def _text(value: object) -> str:
    if isinstance(value, str):
        if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
            return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        return value
    if isinstance(value, bool):
        return "1" if value else "0"  # equal to the integers they equal in the memo
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, Decimal):
        # Whole amounts are written like the integers they equal, which share their place in the memo.
        return str(int(value)) if value == value.to_integral_value() else format(value, "f")
    if isinstance(value, list | tuple):
        return "{" + ",".join(value) + "}"
    return str(value)
