"""Which store days' roll-ups a merge makes dirty, and how far the channel's data reach now."""

from products.orders.merge.refunds import REFUND_COLUMNS
from products.orders.merge.statements import Statements, differs


def mark_before(run: Statements) -> None:
    """Note what changes and on which days it counted until now."""
    run.run(
        """
        CREATE TEMP TABLE m_days ON COMMIT DROP AS
        SELECT c.number, c.order_id, NULL::varchar AS refund, ARRAY[x.created_at, x.paid_at] AS times
        FROM m_changes c LEFT JOIN products_order x ON x.id = c.order_id
        WHERE c.order_id IS NULL OR c.changed OR c.lines_added + c.lines_changed > 0
        """
    )
    run.run(
        f"""
        INSERT INTO m_days
        SELECT o.number, o.id, r.number, ARRAY[x.counted_at, o.created_at, o.paid_at]
        FROM m_refunds r
        LEFT JOIN products_refund x ON x.id = r.refund_id
        LEFT JOIN products_order o ON o.id = coalesce(x.order_id, r.order_id)
        WHERE x.id IS NULL OR {differs("r", "x", REFUND_COLUMNS)}
        """
    )


def mark_after(run: Statements) -> None:
    """Mark the days things counted on before and count on now: an order's creation and payment, a refund's own."""
    run.run("ANALYZE m_days")
    run.run(
        """
        INSERT INTO products_dirtyday (channel_id, day, marked_at)
        SELECT $channel, day, %(now)s FROM (
            SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date AS day FROM (
                SELECT unnest(times) AS at FROM m_days
                UNION SELECT unnest(ARRAY[o.created_at, o.paid_at]) FROM products_order o
                      JOIN m_days d ON d.number = o.number WHERE o.channel_id = $channel
                UNION SELECT unnest(ARRAY[r.counted_at, o.created_at, o.paid_at]) FROM products_refund r
                      LEFT JOIN products_order o ON o.id = r.order_id
                      WHERE r.channel_id = $channel AND r.number IN (SELECT refund FROM m_days)
                UNION SELECT unnest(ARRAY[r.counted_at, o.created_at, o.paid_at]) FROM products_refund r
                      LEFT JOIN products_order o ON o.id = r.order_id
                      WHERE r.id IN (SELECT refund_id FROM m_found)
                UNION SELECT r.counted_at FROM products_refund r JOIN m_changes c ON c.order_id = r.order_id
                      WHERE c.changed OR c.lines_changed > 0
            ) t
        ) d WHERE day IS NOT NULL
        ORDER BY day
        ON CONFLICT (channel_id, day) DO UPDATE SET marked_at = excluded.marked_at
        """
    )


def widen_channel(run: Statements) -> None:
    """Note how far the channel's data reach and which days this file spans."""
    first, last, through = run.one(
        """
        SELECT min(created_at), max(created_at), max(greatest(created_at, paid_at, shipped_at, finished_at)) FROM m_file
        """
    )
    if first is None:
        return
    run.values |= {"first": first, "last": last, "through": through}
    run.run(
        """
        INSERT INTO products_channelspan (channel_id, batch_id, first_day, last_day)
        VALUES ($channel, $batch, (%(first)s AT TIME ZONE %(zone)s)::date, (%(last)s AT TIME ZONE %(zone)s)::date)
        ON CONFLICT DO NOTHING
        """
    )
    run.run(
        """
        UPDATE products_channel SET data_from = least(data_from, %(first)s), data_through = greatest(data_through, %(through)s)
        WHERE id = $channel
        """
    )
    run.run("UPDATE shopops_importbatch SET data_from = %(first)s, data_through = %(through)s WHERE id = $batch")
