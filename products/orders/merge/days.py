"""Which store days' roll-ups a merge makes dirty, and how far the channel's data reach now."""

from products.orders.merge.orders import ORDER_COLUMNS
from products.orders.merge.statements import Statements, differs


def mark(run: Statements, when: str) -> None:
    """Mark the store days whose roll-ups change: each order's creation and pay day, each refund's day."""
    if when == "before":
        run.run(
            f"""
            CREATE TEMP TABLE m_days ON COMMIT DROP AS
            SELECT x.id AS order_id, x.created_at, x.paid_at FROM m_final f JOIN products_order x ON x.id = f.order_id
            WHERE {differs("f", "x", ORDER_COLUMNS)} OR EXISTS (SELECT FROM m_all a WHERE a.number = f.number AND a.line_id IS NULL)
            """
        )
        run.run(
            """
            INSERT INTO m_days SELECT NULL, x.counted_at, o.paid_at FROM m_refunds r JOIN products_refund x ON x.id = r.refund_id
            LEFT JOIN products_order o ON o.id = x.order_id
            """
        )
        return
    run.run(
        """
        INSERT INTO products_dirtyday (channel_id, day, marked_at)
        SELECT $channel, day, %(now)s FROM (
            SELECT DISTINCT (unnest(ARRAY[t.created_at, t.paid_at]) AT TIME ZONE %(zone)s)::date AS day FROM (
                SELECT created_at, paid_at FROM m_days
                UNION ALL SELECT o.created_at, o.paid_at FROM products_order o JOIN m_days d ON d.order_id = o.id
                UNION ALL SELECT f.created_at, f.paid_at FROM m_final f WHERE f.recency = 'new'
                UNION ALL SELECT r.counted_at, o.paid_at FROM products_refund r LEFT JOIN products_order o ON o.id = r.order_id
                          WHERE r.batch_id = $batch
                UNION ALL SELECT o.created_at, o.paid_at FROM products_refund r JOIN products_order o ON o.id = r.order_id
                          WHERE r.batch_id = $batch
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
