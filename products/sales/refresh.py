"""The day roll-ups, recomputed from facts where imports, refunds or merges of persons marked days as dirty.

The cost follows the marked days, not the history: every read of facts is a range of instants over an
index that begins with the channel. Marks made meanwhile stay. Pages go on reading the former sums
until the transaction ends.
"""

from collections.abc import Sequence
from datetime import date
from string import Template
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

from products.channels.models import Channel
from products.sales import periods
from products.sales.models import DirtyDay, SalesDay
from shopops import clock

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

AT_ONCE: Final = 2000  # channel days in one transaction
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('products.sales.refresh'))"
# An order counts where it was paid for and is a sale; pieces of goods alone serve the unit price.
_SALES: Final = """
    INSERT INTO products_salesday (channel_id, day, basis, orders, created, unpaid, payable, paid, goods_paid, goods_pieces,
        pieces, known_orders, known_paid, buyers, refunds, refund_count, refunds_without_order, refunds_of_orders,
        refunded_orders, unknown_paid, unknown_pieces)
    SELECT d.channel_id, d.day, '$basis', coalesce(f.orders, 0), coalesce(f.created, 0), coalesce(f.unpaid, 0),
           coalesce(f.payable, 0), coalesce(f.paid, 0), coalesce(f.goods_paid, 0), coalesce(f.goods_pieces, 0),
           coalesce(f.pieces, 0), coalesce(f.known_orders, 0), coalesce(f.known_paid, 0), coalesce(f.buyers, 0),
           coalesce(r.refunds, 0), coalesce(r.refund_count, 0), coalesce(r.without_order, 0),
           coalesce(f.refunds_of_orders, 0), coalesce(f.refunded_orders, 0), coalesce(f.unknown_paid, 0),
           coalesce(f.unknown_pieces, 0)
    FROM d_days d
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.paid > 0) AS orders, count(*) AS created,
               count(*) FILTER (WHERE o.paid_at IS NULL) AS unpaid, sum(o.payable) AS payable,
               sum(o.paid) FILTER (WHERE o.paid > 0) AS paid, sum(o.goods_paid) FILTER (WHERE o.paid > 0 AND o.pieces IS NOT NULL) AS goods_paid,
               sum(coalesce(o.pieces, 0) - coalesce(l.charges, 0)) FILTER (WHERE o.paid > 0) AS goods_pieces,
               sum(o.pieces) FILTER (WHERE o.paid > 0) AS pieces,
               count(*) FILTER (WHERE o.paid > 0 AND o.customer_id IS NOT NULL) AS known_orders,
               sum(o.paid) FILTER (WHERE o.paid > 0 AND o.customer_id IS NOT NULL) AS known_paid,
               count(DISTINCT o.customer_id) FILTER (WHERE o.paid > 0) AS buyers,
               sum(o.refunded) FILTER (WHERE o.paid > 0) AS refunds_of_orders,
               count(*) FILTER (WHERE o.paid > 0 AND o.refunded > 0) AS refunded_orders,
               count(*) FILTER (WHERE o.paid_at IS NOT NULL AND o.paid IS NULL) AS unknown_paid,
               count(*) FILTER (WHERE o.paid > 0 AND o.pieces IS NULL) AS unknown_pieces
        FROM products_order o
        LEFT JOIN d_charges l ON l.order_id = o.id
        WHERE o.channel_id = d.channel_id AND o.kind = 'sale' AND o.$at >= d.starts AND o.$at < d.ends
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT sum(r.amount) AS refunds, count(*) AS refund_count,
               sum(r.amount) FILTER (WHERE r.order_id IS NULL) AS without_order
        FROM products_refund r LEFT JOIN products_order o ON o.id = r.order_id
        WHERE '$basis' = 'paid' AND r.channel_id = d.channel_id AND r.counted_at >= d.starts AND r.counted_at < d.ends
          AND r.state = 'success' AND coalesce(o.kind, 'sale') = 'sale'
    ) r ON true
    WHERE coalesce(f.created, 0) > 0 OR coalesce(r.refund_count, 0) > 0
    ORDER BY d.channel_id, d.day
"""
# A table, so that the planner knows how few they are: of ranges of moments it expects so many that it reads every line.
_ORDERS: Final = """
    CREATE TEMP TABLE d_orders ON COMMIT DROP AS
    SELECT d.channel_id, d.day, o.id, o.paid > 0 AS is_sold, o.refunded > 0 AS is_refunded
    FROM d_days d
    JOIN products_order o ON o.channel_id = d.channel_id AND o.paid_at >= d.starts AND o.paid_at < d.ends AND o.kind = 'sale'
    UNION ALL
    SELECT d.channel_id, d.day, o.id, false, false
    FROM d_days d
    JOIN products_order o ON o.channel_id = d.channel_id AND o.created_at >= d.starts AND o.created_at < d.ends AND o.kind = 'sale'
"""
_CHARGES: Final = """
    CREATE TEMP TABLE d_charges ON COMMIT DROP AS
    SELECT l.order_id, sum(l.quantity) AS charges
    FROM (SELECT DISTINCT id FROM d_orders) o
    JOIN products_orderline l ON l.order_id = o.id AND l.kind = 'charge'
    GROUP BY 1
"""
_ITEMS: Final = """
    INSERT INTO products_skuday (channel_id, day, item_id, orders, pieces, paid, refunds, refund_pieces, refunds_of_orders,
        refunds_without_order)
    SELECT channel_id, day, item_id, sum(orders), sum(pieces), sum(paid), sum(refunds), sum(refund_pieces), sum(of_orders),
           sum(without_order)
    FROM (
        SELECT d.channel_id, d.day, l.item_id, count(DISTINCT l.order_id) AS orders, sum(l.quantity) AS pieces,
               sum(coalesce(l.paid, 0)) AS paid, 0 AS refunds, 0 AS refund_pieces, 0 AS of_orders, 0 AS without_order
        FROM d_orders d
        JOIN products_orderline l ON l.order_id = d.id AND l.kind IN ('goods', 'charge')
        WHERE d.is_sold
        GROUP BY 1, 2, 3
        UNION ALL
        SELECT d.channel_id, d.day, l.item_id, 0, 0, 0, sum(l.amount), sum(l.quantity), 0,
               coalesce(sum(l.amount) FILTER (WHERE r.order_id IS NULL), 0)
        FROM d_days d
        JOIN products_refund r ON r.channel_id = d.channel_id AND r.counted_at >= d.starts AND r.counted_at < d.ends
             AND r.state = 'success'
        LEFT JOIN products_order o ON o.id = r.order_id
        JOIN products_refundline l ON l.refund_id = r.id
        WHERE coalesce(o.kind, 'sale') = 'sale'
        GROUP BY 1, 2, 3
        UNION ALL
        SELECT d.channel_id, d.day, l.item_id, 0, 0, 0, 0, 0, sum(l.amount), 0
        FROM d_orders d
        JOIN products_refund r ON r.order_id = d.id AND r.state = 'success'
        JOIN products_refundline l ON l.refund_id = r.id
        WHERE d.is_sold AND d.is_refunded
        GROUP BY 1, 2, 3
    ) parts
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_PLACES: Final = """
    INSERT INTO products_placehourday (channel_id, day, basis, hour, province, orders, created, unpaid, payable, paid,
        goods_paid, goods_pieces, pieces, refunds, refunds_without_order, refunds_of_orders, refunded_orders, unknown_paid,
        unknown_pieces)
    SELECT channel_id, day, '$basis', hour, province, sum(orders), sum(created), sum(unpaid), sum(payable), sum(paid),
           sum(goods_paid), sum(goods_pieces), sum(pieces), sum(refunds), sum(without_order), sum(of_orders),
           sum(refunded_orders), sum(unknown_paid), sum(unknown_pieces)
    FROM (
        SELECT d.channel_id, d.day, extract(hour FROM o.$at AT TIME ZONE %(zone)s)::int AS hour, o.province,
               count(*) FILTER (WHERE o.paid > 0) AS orders, count(*) AS created,
               count(*) FILTER (WHERE o.paid_at IS NULL) AS unpaid, coalesce(sum(o.payable), 0) AS payable,
               coalesce(sum(o.paid) FILTER (WHERE o.paid > 0), 0) AS paid,
               coalesce(sum(o.goods_paid) FILTER (WHERE o.paid > 0 AND o.pieces IS NOT NULL), 0) AS goods_paid,
               coalesce(sum(coalesce(o.pieces, 0) - coalesce(l.charges, 0)) FILTER (WHERE o.paid > 0), 0) AS goods_pieces,
               coalesce(sum(o.pieces) FILTER (WHERE o.paid > 0), 0) AS pieces, 0 AS refunds, 0 AS without_order,
               coalesce(sum(o.refunded) FILTER (WHERE o.paid > 0), 0) AS of_orders,
               count(*) FILTER (WHERE o.paid > 0 AND o.refunded > 0) AS refunded_orders,
               count(*) FILTER (WHERE o.paid_at IS NOT NULL AND o.paid IS NULL) AS unknown_paid,
               count(*) FILTER (WHERE o.paid > 0 AND o.pieces IS NULL) AS unknown_pieces
        FROM d_days d
        JOIN products_order o ON o.channel_id = d.channel_id AND o.$at >= d.starts AND o.$at < d.ends AND o.kind = 'sale'
        LEFT JOIN d_charges l ON l.order_id = o.id
        GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT d.channel_id, d.day, extract(hour FROM r.counted_at AT TIME ZONE %(zone)s)::int,
               coalesce(o.province, r.province), 0, 0, 0, 0, 0, 0, 0, 0, sum(r.amount),
               coalesce(sum(r.amount) FILTER (WHERE r.order_id IS NULL), 0), 0, 0, 0, 0
        FROM d_days d
        JOIN products_refund r ON r.channel_id = d.channel_id AND r.counted_at >= d.starts AND r.counted_at < d.ends
             AND r.state = 'success' AND '$basis' = 'paid'
        LEFT JOIN products_order o ON o.id = r.order_id
        WHERE coalesce(o.kind, 'sale') = 'sale'
        GROUP BY 1, 2, 3, 4
    ) parts
    GROUP BY 1, 2, 4, 5 ORDER BY 1, 2, 4, 5
"""
_BUYERS: Final = """
    CREATE TEMP TABLE d_buyers ON COMMIT DROP AS
    SELECT d.channel_id, o.customer_id, d.day, count(*)::int AS orders,
           count(*) FILTER (WHERE o.refunded < o.paid)::int AS effective_orders, sum(o.paid) AS paid
    FROM d_days d
    JOIN products_order o ON o.channel_id = d.channel_id AND o.paid_at >= d.starts AND o.paid_at < d.ends
         AND o.kind = 'sale' AND o.paid > 0 AND o.customer_id IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 2, 3, 1
"""
_DAYS: Final = """
    CREATE TEMP TABLE d_days ON COMMIT DROP AS
    SELECT channel_id, day, (day::timestamp AT TIME ZONE %(zone)s) AS starts,
           ((day + 1)::timestamp AT TIME ZONE %(zone)s) AS ends
    FROM unnest(%(channels)s::bigint[], %(days)s::date[]) AS u (channel_id, day)
"""


_CLEAN: Final = """
    DELETE FROM products_dirtyday WHERE id IN (
        SELECT d.id FROM products_dirtyday d
        JOIN unnest(%s::bigint[], %s::timestamptz[]) AS u (id, at) ON d.id = u.id AND d.marked_at = u.at
        FOR UPDATE OF d SKIP LOCKED
    )
"""


def refresh(*, limit: int = AT_ONCE) -> int:
    """Recompute up to ``limit`` dirty channel days, the oldest first; return how many are clean now.

    Several refreshers wait for each other. A day that is being marked again meanwhile stays marked,
    without waiting for whoever marks it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")  # the other refresher may have a whole import before it
        cursor.execute(LOCK)
        return _refresh(limit)


def _refresh(limit: int) -> int:
    marks = list(
        DirtyDay.objects.order_by("day", "channel_id").values_list("pk", "marked_at", "channel_id", "day")[:limit]
    )
    if not marks:
        return 0
    periods.forget_kept()
    demo_counted = not _real_sales()
    _recompute([(channel, day) for _pk, _at, channel, day in marks])
    if demo_counted != (not _real_sales()):
        periods.recompute_all()  # other channels count now: the demo leaves with the first real order
    with connection.cursor() as cursor:
        cursor.execute(_CLEAN, [[pk for pk, *_rest in marks], [at for _pk, at, *_rest in marks]])
        return int(cursor.rowcount)


def _real_sales() -> bool:
    return SalesDay.objects.filter(channel__in=Channel.objects.filter(is_demo=False)).exists()


def refresh_all(_batch_ids: Sequence[int] = (), claim: "Claim | None" = None) -> int:
    """Recompute every dirty day (the step after an import); return how many."""
    total = 0
    while done := refresh():
        total += done
        if claim is not None:
            claim.renew()
    return total


def each_minute(*, now: object) -> None:
    """Recompute what nobody recomputed yet (marks of killed steps, merges of persons), unless somebody is at it."""
    if not DirtyDay.objects.exists() and not periods.is_missing():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK.replace("pg_advisory_xact_lock", "pg_try_advisory_xact_lock"))
        if cursor.fetchone()[0]:
            if periods.is_missing():
                periods.recompute_all()
            _refresh(AT_ONCE)


def rebuild() -> int:
    """Throw every roll-up away and make it anew from the facts; return how many channel days."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        for table in ("salesday", "skuday", "placehourday", "buyerday", "buyersofperiod", "dirtyday"):
            cursor.execute(f"DELETE FROM products_{table}")
        cursor.execute(
            """
            INSERT INTO products_dirtyday (channel_id, day, marked_at)
            SELECT DISTINCT channel_id, (at AT TIME ZONE %(zone)s)::date, %(now)s::timestamptz FROM (
                SELECT channel_id, created_at AS at FROM products_order
                UNION ALL SELECT channel_id, paid_at FROM products_order
                UNION ALL SELECT channel_id, counted_at FROM products_refund
            ) t WHERE at IS NOT NULL
            """,
            {"zone": clock.store_zone().key, "now": clock.now()},
        )
        return refresh_all()


def _recompute(pairs: list[tuple[int, date]]) -> None:
    zone = {"zone": clock.store_zone().key}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")  # a long file's days are sorted by item and order
        cursor.execute("DROP TABLE IF EXISTS d_days, d_orders, d_charges, d_buyers")
        cursor.execute(_DAYS, zone | {"channels": [channel for channel, _ in pairs], "days": [day for _, day in pairs]})
        cursor.execute("ANALYZE d_days")
        cursor.execute(_ORDERS)
        cursor.execute("ANALYZE d_orders")
        cursor.execute(_CHARGES)
        cursor.execute("CREATE INDEX ON d_charges (order_id)")
        cursor.execute("ANALYZE d_charges")
        for table in ("salesday", "skuday", "placehourday"):
            cursor.execute(
                f"DELETE FROM products_{table} t USING d_days d WHERE t.channel_id = d.channel_id AND t.day = d.day"
            )
        for basis, column in (("paid", "paid_at"), ("created", "created_at")):
            cursor.execute(Template(_SALES).substitute(basis=basis, at=column))
            cursor.execute(Template(_PLACES).substitute(basis=basis, at=column), zone)
        cursor.execute(_ITEMS)
        cursor.execute(_BUYERS)
        cursor.execute("ANALYZE d_buyers")
    periods.follow(sorted({day for _channel, day in pairs}))
