"""Taking an import back whole, as long as nothing was built on it.

What the batch inserted is deleted, what it changed gets its former values from the history (contacts
from their kept rows, because history holds no ciphers), then customers and figures follow. The
content hash afterwards is the one before the import.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from products.channels.models import Channel, ChannelSpan
from products.orders.following import follow
from products.orders.merge.statements import lock
from shopops import clock
from shopops.errors import Refused
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.topics import registered

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.history.actor import System

RUN: Final = "products.orders.undoing.run"
State = ImportBatch.State

# Tables an import writes, parents first, with the key history names their rows by.
_TABLES: Final = {
    "products_channelitem": "id",
    "products_order": "id",
    "products_orderline": "id",
    "products_refund": "id",
    "products_refundline": "id",
    "products_shipment": "id",
    "products_ordercontact": "order_id",
}


def former_reach(channel: Channel) -> dict[str, object]:
    """Return what taking the import back needs: how far the data reached, and where the history stands now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM shopops_change")
        history_to = cursor.fetchone()[0]
    reach = {name: getattr(channel, name) for name in ("data_from", "data_through")}
    return {"history_to": history_to, **{name: value.isoformat() if value else None for name, value in reach.items()}}


class CannotUndo(Refused):
    """The import cannot be taken back; the sentence says why."""


def reason_against(batch: ImportBatch) -> str:
    """Return why the batch cannot be taken back; empty when it can."""
    if batch.state != State.DONE or batch.merged_at is None or batch.dry_run:
        return _("Only a finished import that brought something can be taken back.")
    if "undo" not in batch.reading:
        return _("This import was made in a way that cannot be taken back.")
    for found in _built_on(batch):
        return found
    return ""


def _built_on(batch: ImportBatch) -> Iterator[str]:
    values = {"batch": batch.pk, "source": f"import:{batch.pk}", "since": batch.reading["undo"]["history_to"]}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SINCE, values)
        row = cursor.fetchone()
        if row is not None:
            yield _by_whom(row[0])
        cursor.execute(_ADDED_SINCE, values)
        row = cursor.fetchone()
        if row is not None:
            yield _("The later import #%(batch)s added to its orders. Take that one back first.") % {"batch": row[0]}
    for check in registered("steps", "AGAINST_UNDO"):
        told: str = check(batch)  # type: ignore[operator]  # what registers itself is typed as object
        if told:
            yield told


def _by_whom(source: str) -> str:
    kind, _colon, number = source.partition(":")
    if kind == "import":
        return _("The later import #%(batch)s changed its orders. Take that one back first.") % {"batch": number}
    return _("Somebody has changed its orders or codes since.")


def _brought_or_changed(table: str, key: str) -> str:
    return (
        f"SELECT '{table}' AS name, t.{key} AS row FROM {table} t WHERE t.batch_id = %(batch)s"
        f" UNION SELECT '{table}', h.row_id FROM shopops_change h WHERE h.source = %(source)s AND h.table_name = '{table}'"
    )


_CHANGED_SINCE: Final = f"""
    SELECT c.source FROM shopops_change c
    JOIN ({" UNION ALL ".join(_brought_or_changed(table, key) for table, key in _TABLES.items())}) r
      ON r.name = c.table_name AND r.row = c.row_id
    WHERE c.id > %(since)s AND c.source <> %(source)s
      AND c.op IN ('insert', 'update', 'delete') AND c.source !~ '^(erasure|retention|keys):'
      AND NOT EXISTS (
          SELECT FROM shopops_importbatch b
          WHERE b.state = 'undone' AND c.source IN ('import:' || b.id, 'undo:' || b.id)
      )
    ORDER BY c.id DESC LIMIT 1
"""
_ADDED_SINCE: Final = """
    SELECT x.batch_id FROM products_order o
    JOIN (
        SELECT order_id, batch_id FROM products_orderline WHERE batch_id > %(batch)s
        UNION ALL SELECT order_id, batch_id FROM products_shipment WHERE batch_id > %(batch)s
        UNION ALL SELECT order_id, batch_id FROM products_ordercontact WHERE batch_id > %(batch)s
        UNION ALL SELECT order_id, batch_id FROM products_refund WHERE batch_id > %(batch)s AND order_id IS NOT NULL
    ) x ON x.order_id = o.id
    WHERE o.batch_id = %(batch)s
    LIMIT 1
"""


def submit(batch: ImportBatch, *, by: "User") -> Job:
    """Make the job that takes the batch back. Raises CannotUndo."""
    told = reason_against(batch)
    if told:
        raise CannotUndo(told)
    with transaction.atomic():
        job, made = jobs.ensure(RUN, str(batch.pk), arguments={"batch_id": batch.pk}, queue="imports", by=by)
        if not made and job.state in {Job.State.FAILED, Job.State.CANCELLED, Job.State.DONE}:
            Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, attempts=0, cancel_requested=False, error="")
        jobs.wake("shopops.jobs.tasks.perform", job.pk)
    return job


def run(claim: jobs.Claim, batch_id: int) -> None:
    """Take the batch back and let customers and figures follow (what the job does)."""
    batch = ImportBatch.objects.get(pk=batch_id)
    job = Job.objects.select_related("created_by").get(pk=claim.job_id)
    if batch.state != State.UNDONE:
        undo(batch_id, by=job.created_by or SYSTEM, fence=claim.hold)
    follow([batch_id], claim)


def undo(batch_id: int, *, by: "User | System", fence: Callable[[], None] | None = None) -> None:
    """Take an import back in one transaction; call :func:`follow` afterwards. Raises CannotUndo.

    ``fence`` is called last, before the commit, and may raise to stop it.
    """
    with acting(by, source=f"undo:{batch_id}"):
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
        channel = Channel.objects.get(code=batch.channel_code)
        lock(channel.pk)
        told = reason_against(batch)
        if told:
            raise CannotUndo(told)
        with connection.cursor() as cursor:
            values = {
                "batch": batch.pk,
                "source": f"import:{batch.pk}",
                "channel": channel.pk,
                "zone": clock.store_zone().key,
                "now": clock.now(),
            }
            cursor.execute(_MARK_DAYS, values)
            for statement in _statements():
                cursor.execute(statement, values)
            cursor.execute(_MARK_DAYS_AFTER, values)
        _narrow(channel, batch)
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.UNDONE, finished_at=clock.now())
        if fence is not None:
            fence()


_OF_BATCH: Final = """
    SELECT o.id FROM products_order o WHERE o.batch_id = %(batch)s
    UNION SELECT h.row_id FROM shopops_change h WHERE h.source = %(source)s AND h.table_name = 'products_order'
    UNION SELECT l.order_id FROM products_orderline l JOIN shopops_change h ON h.row_id = l.id
          WHERE h.source = %(source)s AND h.table_name = 'products_orderline'
    UNION SELECT r.order_id FROM products_refund r WHERE r.batch_id = %(batch)s
    UNION SELECT r.order_id FROM products_refund r JOIN shopops_change h ON h.row_id = r.id
          WHERE h.source = %(source)s AND h.table_name = 'products_refund'
"""
_DAYS: Final = """
    SELECT unnest(ARRAY[o.created_at, o.paid_at]) AS at FROM products_order o JOIN undo_orders u USING (id)
    UNION SELECT r.counted_at FROM products_refund r JOIN undo_orders u ON u.id = r.order_id
    UNION SELECT r.counted_at FROM products_refund r WHERE r.batch_id = %(batch)s
    UNION SELECT r.counted_at FROM products_refund r JOIN shopops_change h ON h.row_id = r.id
          WHERE h.source = %(source)s AND h.table_name = 'products_refund'
"""
_MARK: Final = f"""
    INSERT INTO products_dirtyday (channel_id, day, marked_at)
    SELECT DISTINCT %(channel)s, (d.at AT TIME ZONE %(zone)s)::date, %(now)s::timestamptz FROM ({_DAYS}) d
    WHERE d.at IS NOT NULL ORDER BY 2
    ON CONFLICT (channel_id, day) DO UPDATE SET marked_at = excluded.marked_at
"""
_MARK_DAYS: Final = f"CREATE TEMP TABLE undo_orders ON COMMIT DROP AS {_OF_BATCH}; ANALYZE undo_orders; {_MARK}"
_MARK_DAYS_AFTER: Final = f"{_MARK}; DROP TABLE undo_orders"


def _statements() -> Iterator[str]:
    """Delete what the batch brought, children first; then give back what it deleted and changed, parents first."""
    for table in reversed(_TABLES):
        unused = ""
        if table == "products_channelitem":
            unused = (
                " AND NOT EXISTS (SELECT FROM products_orderline l WHERE l.item_id = x.id)"
                " AND NOT EXISTS (SELECT FROM products_refundline l WHERE l.item_id = x.id)"
            )
            yield (
                "DELETE FROM products_skuday s USING products_channelitem x WHERE s.item_id = x.id AND x.batch_id = %(batch)s"
                + unused
            )
        if table == "products_orderline":
            yield _WITHDRAW_LINES
        yield f"DELETE FROM {table} x WHERE x.batch_id = %(batch)s{unused}"
    for table, key in _TABLES.items():
        yield f"""
            INSERT INTO {table} OVERRIDING SYSTEM VALUE
            SELECT r.* FROM shopops_change h CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, h.changes) r
            WHERE h.source = %(source)s AND h.table_name = '{table}' AND h.op = 'delete'
            ORDER BY h.id
        """
        if table == "products_ordercontact":
            continue  # the history holds nothing of contacts; their former rows are kept apart, below
        columns = _columns(table, key)
        yield f"""
            UPDATE {table} x SET ({columns}) = (
                SELECT {columns} FROM jsonb_populate_record(x, f.before)
            )
            FROM (
                SELECT row_id, jsonb_object_agg(field, before) AS before FROM (
                    SELECT DISTINCT ON (h.row_id, e.key) h.row_id, e.key AS field, e.value -> 0 AS before
                    FROM shopops_change h CROSS JOIN LATERAL jsonb_each(h.changes) e
                    WHERE h.source = %(source)s AND h.table_name = '{table}' AND h.op = 'update'
                    ORDER BY h.row_id, e.key, h.id
                ) b GROUP BY row_id
            ) f
            WHERE x.{key} = f.row_id
        """
    # The first filling of a buyer leaves no history: nobody known, no customer. Erased buyers stay counted.
    yield """
        UPDATE products_order x SET customer_id = NULL FROM undo_orders u, customers_customer c
        WHERE x.id = u.id AND x.buyer_key = '' AND c.id = x.customer_id AND c.erased_at IS NULL
    """
    columns = _columns("products_ordercontact", "order_id")
    yield f"""
        UPDATE products_ordercontact x SET ({columns}) = (
            SELECT {columns} FROM jsonb_populate_record(x, k.content)
        )
        FROM products_replacedcontact k WHERE k.batch_id = %(batch)s AND x.order_id = k.order_id
    """
    yield "DELETE FROM products_replacedcontact WHERE batch_id = %(batch)s"


# A refund of another file may have found its line in this one; history gives the former line back.
_WITHDRAW_LINES: Final = """
    UPDATE products_refund r SET line_id = NULL FROM products_orderline l
    WHERE l.id = r.line_id AND l.batch_id = %(batch)s
"""


def _columns(table: str, key: str) -> str:
    names = [column.name for column in connection.introspection.get_table_description(connection.cursor(), table)]
    return ", ".join(f'"{name}"' for name in names if name != key)


def _narrow(channel: Channel, batch: ImportBatch) -> None:
    """Give the channel back how far its data reach without the batch."""
    ChannelSpan.objects.filter(batch=batch).delete()
    before = batch.reading["undo"]
    others = ImportBatch.objects.filter(channel_code=channel.code, state=State.DONE, merged_at__gt=batch.merged_at)
    spans = [(b.data_from, b.data_through) for b in others]
    firsts = [datetime.fromisoformat(before["data_from"])] if before["data_from"] else []
    lasts = [datetime.fromisoformat(before["data_through"])] if before["data_through"] else []
    firsts += [first for first, _last in spans if first]
    lasts += [last for _first, last in spans if last]
    Channel.objects.filter(pk=channel.pk).update(
        data_from=min(firsts, default=None), data_through=max(lasts, default=None)
    )
