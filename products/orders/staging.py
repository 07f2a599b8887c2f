"""Staging: the rows of one file, converted and protected, in a table of its own until merged.

The table is UNLOGGED (a crash empties it, then the kept upload is read again) and typed, so that
everything after the ``COPY`` is set-based. Only the columns a file gives are filled; a null means
"not given" and never overwrites.
"""

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Final

from django.db import connection, transaction
from psycopg2 import sql

from shopops.access.personal import mask_name, protect_text
from shopops.privacy.ciphers import Ciphers

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
BLOCK: Final = 8000  # rows of one COPY statement
REMEMBERED: Final = 50_000  # texts of values met before; then it begins anew


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


def tables() -> list[int]:
    """Return the numbers of the batches that have a staging table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('stage') AND relkind = 'r'")
        return sorted(int(m[1]) for (name,) in cursor.fetchall() if (m := re.fullmatch(r"orders_(\d+)", name)))


def ciphers() -> list[Ciphers]:
    """Return the encrypted columns of every staging table there is."""
    named = ("name_cipher", "phone_cipher", "email_cipher", "address_cipher")
    return [Ciphers(f"orders_{pk}", named, key="row_no", schema="stage") for pk in tables()]


def is_there(batch_id: int) -> bool:
    """Say whether the batch has a staging table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"stage.orders_{int(batch_id)}"])
        return bool(cursor.fetchone()[0])


def holds(batch_id: int, rows: int) -> bool:
    """Say whether the staging table still has exactly ``rows`` rows (a crash empties it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"stage.orders_{int(batch_id)}"])
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table_of(batch_id)))
        return bool(cursor.fetchone()[0] == rows)


def fill(
    batch_id: int,
    names: Sequence[str],
    records: Iterable[tuple[object, ...]],
    progress: Callable[[int], None],
    connected: AbstractContextManager[object],
) -> int:
    """Stream ``records`` (values of ``names``) into the staging table; return how many.

    One block is stored while the next is read; meanwhile ``connected``, a lock, is held: whoever else
    uses the connection takes it. ``progress`` is called with the count after each block.
    """
    if "receiver_name" in names:
        records = _names_protected(records, names.index("receiver_name"))
        names = [name for name in names if name != "receiver_name"] + ["name_cipher", "name_mask"]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        table_of(batch_id), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    count = 0
    with _unswept(), connection.cursor() as cursor, ThreadPoolExecutor(1) as writer:
        driver, text = cursor.cursor, statement.as_string(cursor.connection)  # the thread has no connection of its own

        def store(lines: str) -> None:
            with connected:
                driver.copy_expert(text, StringIO(lines), size=len(lines))

        storing = writer.submit(int)
        # A statement for each block: between them refused rows are stored and the job's lease is renewed.
        for rows, lines in _encoded(records, names):
            storing.result()
            progress(count)
            storing = writer.submit(store, lines)
            count += rows
        storing.result()
    progress(count)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 20")  # a sample does
        cursor.execute(sql.SQL("ANALYZE {}").format(table_of(batch_id)))
    return count


@contextmanager
def _unswept() -> Iterator[None]:
    """Spare the collector all that is there already: rows by the thousand would have it look the program over and over."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _names_protected(records: Iterable[tuple[object, ...]], at: int) -> Iterator[tuple[object, ...]]:
    for record in records:
        name, rest = record[at], (*record[:at], *record[at + 1 :])
        if isinstance(name, str) and name:
            masked = "*" in name or "＊" in name
            yield (*rest, None if masked else protect_text(name), mask_name(name))
        else:
            yield (*rest, None, None)


class _Memo(dict[object, str]):
    """The text of values met before: most repeat."""

    def __missing__(self, value: object) -> str:
        text = r"\N" if value is None else _text(value)
        if value.__class__ is not bytes:
            if len(self) >= REMEMBERED:
                self.clear()
            self[value] = text
        return text


def _encoded(records: Iterable[tuple[object, ...]], names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield blocks of records as (how many, COPY text), each made column by column."""
    texts = _Memo().__getitem__
    rows = iter(records)
    while block := list(islice(rows, BLOCK)):
        columns = [
            map(str, column) if name == "row_no" else map(texts, map(_hashable, column) if name == "notes" else column)
            for name, column in zip(names, zip(*block, strict=True), strict=True)
        ]
        yield len(block), "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


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
        return format(value.normalize(), "f")  # one text for all that are equal, also for the integers, as in the memo
    if isinstance(value, list | tuple):
        return "{" + ",".join(value) + "}"
    return str(value)
