"""Rows of a file that name an erased person lose the person, before anything is compared or merged.

Nothing at all is done while nobody is suppressed. What was ordered after the erasure is left as it is:
whoever buys again is known again; the orders that were erased stay without the person for ever.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db import connection
from psycopg2 import sql

from products.channels.models import Channel
from products.orders.staging import table_of
from shopops.access.personal import protect_email, protect_phone, reveal
from shopops.exchange.models import ImportBatch, ImportReject
from shopops.privacy import suppression
from shopops.privacy.suppression import identity_mark, order_mark

PERSONAL: Final = (
    "buyer_id", "email_cipher", "email_digest", "email_mask", "name_cipher", "name_mask", "phone_cipher",
    "phone_digest", "phone_tail", "phone_mask", "address_cipher", "message", "memo",
)  # fmt: skip
_AT: Final = "coalesce(s.created_at, s.requested_at, s.paid_at, s.shipped_at, s.finished_at, s.done_at, s.modified_at)"
_CHUNK: Final = 20_000


def blank_stage(batch: ImportBatch) -> int:
    """Take suppressed persons out of a batch's staging table; return how many of its rows lost one."""
    if suppression.is_empty():
        return 0
    channel = Channel.objects.get(code=batch.channel_code)
    known, table = suppression.known(), table_of(batch.pk)
    numbers = _numbers(table, channel, known["order"]) if known["order"] else []
    buyers = _buyers(table, channel, known["identity"]) if known["identity"] else []
    with connection.cursor() as cursor:
        cursor.execute(
            _MATCH.format(table=table, at=sql.SQL(_AT)),
            {"numbers": numbers, "buyers": [name for name, _at in buyers], "until": [at for _name, at in buyers]},
        )
        cursor.execute(
            _BLANK.format(
                table=table,
                nothing=sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in PERSONAL),
                given=sql.SQL(", ").join(sql.SQL("s.{}").format(sql.Identifier(name)) for name in PERSONAL),
            )
        )
        blanked = int(cursor.rowcount)
        cursor.execute("DROP TABLE suppressed_orders, suppressed_rows")
    return blanked


# A row is meant by its order's number, or by buyer, phone or e-mail of an order up to the erasure; with it all
# rows of the same order.
_MATCH: Final = sql.SQL(
    """
    DROP TABLE IF EXISTS suppressed_rows, suppressed_orders;
    CREATE TEMP TABLE suppressed_rows AS
    SELECT s.row_no, s.order_number FROM {table} s
    LEFT JOIN unnest(%(buyers)s::text[], %(until)s::timestamptz[]) AS b (buyer_id, at) ON b.buyer_id = s.buyer_id
    LEFT JOIN shopops_suppression p ON p.kind = 'phone' AND p.digest = s.phone_digest
    LEFT JOIN shopops_suppression e ON e.kind = 'email' AND e.digest = s.email_digest
    WHERE s.order_number = ANY(%(numbers)s) OR s.refund_order = ANY(%(numbers)s)
       OR b.at IS NOT NULL AND coalesce({at} <= b.at, true)
       OR p.at IS NOT NULL AND coalesce({at} <= p.at, true)
       OR e.at IS NOT NULL AND coalesce({at} <= e.at, true);
    CREATE TEMP TABLE suppressed_orders AS
    SELECT DISTINCT order_number FROM suppressed_rows WHERE order_number IS NOT NULL;
    ANALYZE suppressed_rows; ANALYZE suppressed_orders
    """
)
_BLANK: Final = sql.SQL(
    """
    UPDATE {table} s SET {nothing}
    WHERE num_nonnulls({given}) > 0
      AND (s.row_no IN (SELECT row_no FROM suppressed_rows) OR s.order_number IN (SELECT order_number FROM suppressed_orders))
    """
)


def _numbers(table: sql.Identifier, channel: Channel, known: dict[bytes, datetime]) -> list[str]:
    both = sql.SQL(
        "SELECT DISTINCT order_number FROM {table} UNION SELECT DISTINCT refund_order FROM {table} WHERE refund_order IS NOT NULL"
    )
    return [name for name in _values(both.format(table=table)) if order_mark(channel.code, name).digest in known]


def _buyers(table: sql.Identifier, channel: Channel, known: dict[bytes, datetime]) -> list[tuple[str, datetime]]:
    every = sql.SQL("SELECT DISTINCT buyer_id FROM {table} WHERE buyer_id IS NOT NULL").format(table=table)
    found = ((name, known.get(identity_mark(channel.identity_scope, f"id:{name}").digest)) for name in _values(every))
    return [(name, at) for name, at in found if at is not None]


def _values(query: sql.Composed) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        while block := cursor.fetchmany(_CHUNK):
            yield from (value for (value,) in block if value)


def blank_rejects(batch: ImportBatch) -> int:
    """Empty the refused rows of a batch that name a suppressed person; return how many."""
    rejects = ImportReject.objects.filter(batch=batch, cells__isnull=False)
    if suppression.is_empty() or not rejects.exists():
        return 0
    channel, known = Channel.objects.get(code=batch.channel_code), suppression.known()
    rows = [
        row_no
        for row_no, cells in rejects.values_list("row_no", "cells").iterator(chunk_size=2000)
        if any(_names_somebody(cell, channel, known) for cell in json.loads(reveal(cells)))
    ]
    return ImportReject.objects.filter(batch=batch, row_no__in=rows).update(cells=None, value="")


def _names_somebody(cell: str | None, channel: Channel, known: dict[str, dict[bytes, datetime]]) -> bool:
    text = (cell or "").strip().strip("'\"=\t ")
    if not text:
        return False
    if order_mark(channel.code, text).digest in known["order"]:
        return True
    if identity_mark(channel.identity_scope, f"id:{text}").digest in known["identity"]:
        return True
    if known["email"] and "@" in text:
        return protect_email(text).digest in known["email"]
    if known["phone"] and 7 <= sum(char.isdigit() for char in text) <= 15:
        return protect_phone(text).digest in known["phone"]
    return False
