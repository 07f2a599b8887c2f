"""Refunds: itemised ones of the file, and the rest of an order's stated total as one summary refund."""

from typing import Final

from products.orders.merge.statements import Statements, differs, rank

REFUND_RANK: Final = {"unknown": 0, "open": 1, "agreed": 2, "refused": 2, "returned": 3, "closed": 4, "success": 5}
REFUND_COLUMNS: Final = (
    "order_number", "order_id", "line_id", "buyer_key", "amount", "state", "platform_state", "kind", "reason",
    "province", "requested_at", "done_at", "due_at",
)  # fmt: skip
_COUNTED_AT: Final = """CASE WHEN r.state = 'success' THEN coalesce(r.done_at, o.paid_at, o.created_at) END"""


def read_refunds(run: Statements) -> None:
    """The file's itemised refunds as they will be, with the order and line they belong to."""
    if run.source.one_row_per_refund:
        rows = """
            SELECT DISTINCT ON (s.refund_number) s.*, s.refund_amount AS total,
                   greatest(s.modified_at, s.done_at, s.requested_at) AS f_time, $rank_r AS f_rank
            FROM $stage s WHERE s.rec = 'refund' AND s.refund_number IS NOT NULL
            ORDER BY s.refund_number, $rank_r DESC, greatest(s.modified_at, s.done_at, s.requested_at) DESC NULLS LAST, s.row_no DESC
        """
    else:
        rows = """
            SELECT DISTINCT ON (s.refund_number) s.*, sum(s.refund_amount) OVER (PARTITION BY s.refund_number) AS total,
                   greatest(s.modified_at, s.done_at, s.requested_at) AS f_time, $rank_r AS f_rank
            FROM $stage s WHERE s.rec = 'refund' AND s.refund_number IS NOT NULL
            ORDER BY s.refund_number, s.row_no
        """
    # OFFSET 0: lines by their number first, whatever the statistics of a table just filled make of it.
    run.run(
        f"""
        CREATE TEMP TABLE m_refunds ON COMMIT DROP AS
        SELECT s.refund_number AS number, x.id AS refund_id, s.row_no, coalesce(s.refund_order, x.order_number, '') AS order_number,
               coalesce(byline.order_id, byorder.id, x.order_id) AS order_id, coalesce(byline.line_id, x.line_id) AS line_id,
               CASE WHEN s.buyer_id IS NOT NULL AND s.buyer_id NOT LIKE '%*%' THEN 'id:' || s.buyer_id
                    ELSE coalesce(x.buyer_key, '') END AS buyer_key,
               CASE WHEN x.id IS NULL OR s.f_rank >= x.rank THEN coalesce(s.total, x.amount, 0) ELSE x.amount END AS amount,
               CASE WHEN x.id IS NULL OR s.f_rank >= x.rank THEN coalesce(s.refund_state, 'unknown') ELSE x.state END AS state,
               CASE WHEN x.id IS NULL OR s.f_rank >= x.rank THEN coalesce(s.refund_platform_state, '') ELSE x.platform_state END
                   AS platform_state,
               coalesce(s.refund_kind, x.kind, '') AS kind, left(coalesce(s.reason, x.reason, ''), 200) AS reason,
               coalesce(s.province, x.province, '') AS province,
               coalesce(s.requested_at, x.requested_at) AS requested_at, coalesce(s.done_at, x.done_at) AS done_at,
               coalesce(s.refund_due_at, x.due_at) AS due_at, greatest(s.f_time, x.source_time) AS source_time
        FROM ({rows}) s
        LEFT JOIN LATERAL (
            SELECT r.*, $rank_x AS rank FROM products_refund r WHERE r.channel_id = $channel AND r.number = s.refund_number
        ) x ON true
        LEFT JOIN LATERAL (
            SELECT l.order_id, l.id AS line_id
            FROM (SELECT * FROM products_orderline WHERE key = s.refund_order AND key NOT LIKE '#%' OFFSET 0) l
            JOIN products_order o ON o.id = l.order_id WHERE o.channel_id = $channel LIMIT 1
        ) byline ON true
        LEFT JOIN products_order byorder ON byorder.channel_id = $channel AND byorder.number = s.refund_order
        """,
        rank_r=rank("s.refund_state", REFUND_RANK),
        rank_x=rank("r.state", REFUND_RANK),
    )
    run.run("CREATE UNIQUE INDEX ON m_refunds (number)")
    run.run("ANALYZE m_refunds")


def write_refunds(run: Statements) -> None:
    run.run(
        "UPDATE m_refunds r SET order_id = f.order_id FROM m_final f WHERE r.order_id IS NULL AND f.number = r.order_number"
    )
    names = ", ".join(REFUND_COLUMNS)
    values = ", ".join(f"r.{name}" for name in REFUND_COLUMNS)
    noted = (
        "CASE WHEN r.state = 'success' AND r.done_at IS NULL AND r.order_id IS NOT NULL"
        " THEN ARRAY['day_from_order'] ELSE '{}' END::varchar[]"
    )
    run.run(
        f"""
        UPDATE products_refund x SET ({names}, counted_at, notes, source_time, updated_at)
             = ROW ({values}, {_COUNTED_AT}, {noted}, r.source_time, %(now)s)
        FROM m_refunds r LEFT JOIN products_order o ON o.id = r.order_id
        WHERE x.id = r.refund_id AND ({differs("r", "x", REFUND_COLUMNS)} OR x.counted_at IS DISTINCT FROM {_COUNTED_AT})
        """
    )
    run.run(
        f"""
        WITH made AS (
            INSERT INTO products_refund (channel_id, number, {names}, counted_at, notes, is_summary, source_time, batch_id, row_no, updated_at)
            SELECT $channel, r.number, {values}, {_COUNTED_AT}, {noted}, false, r.source_time, $batch, r.row_no, %(now)s
            FROM m_refunds r LEFT JOIN products_order o ON o.id = r.order_id
            WHERE r.refund_id IS NULL ORDER BY r.row_no
            RETURNING id, number
        )
        UPDATE m_refunds r SET refund_id = made.id FROM made WHERE made.number = r.number
        """
    )
    # Refunds that came before their order, or its sub-order numbers, find it now.
    run.run("CREATE TEMP TABLE m_found (refund_id bigint) ON COMMIT DROP")
    run.run(
        """
        WITH found AS (
        UPDATE products_refund r SET order_id = f.order_id,
               counted_at = CASE WHEN r.state = 'success' THEN coalesce(r.done_at, f.paid_at, f.created_at) END,
               notes = CASE WHEN r.state = 'success' AND r.done_at IS NULL THEN ARRAY['day_from_order'] ELSE r.notes END
        FROM m_final f
        WHERE r.channel_id = $channel AND r.order_id IS NULL AND r.order_number <> '' AND r.order_number = f.number
        RETURNING r.id) INSERT INTO m_found SELECT id FROM found
        """
    )
    run.run(
        """
        WITH found AS (
        UPDATE products_refund r SET order_id = f.order_id, line_id = l.id,
               counted_at = CASE WHEN r.state = 'success' THEN coalesce(r.done_at, f.paid_at, f.created_at) END
        FROM m_final f JOIN products_orderline l ON l.order_id = f.order_id
        WHERE r.channel_id = $channel AND (r.order_id IS NULL OR r.line_id IS NULL) AND r.order_number <> ''
          AND l.key = r.order_number AND l.key NOT LIKE '#%'
        RETURNING r.id) INSERT INTO m_found SELECT id FROM found
        """
    )
    run.run(
        """
        INSERT INTO products_refundline (refund_id, position, item_id, kind, quantity, amount, is_split, batch_id, row_no)
        SELECT r.refund_id, row_number() OVER (PARTITION BY s.refund_number ORDER BY s.row_no), i.item_id,
               coalesce(s.line_kind, 'goods'), coalesce(s.quantity, s.refund_quantity, 0), coalesce(s.refund_amount, 0), false, $batch, s.row_no
        FROM $stage s
        JOIN m_refunds r ON r.number = s.refund_number
        JOIN m_items i ON i.code = $item_code
        WHERE s.rec = 'refund' AND coalesce(s.code, s.item_code, s.platform_sku, s.platform_item, s.title) <> ''
          AND ($one_row IS FALSE OR s.row_no = r.row_no)
          AND NOT EXISTS (SELECT FROM products_refundline x WHERE x.refund_id = r.refund_id AND NOT x.is_split)
        ORDER BY r.refund_id, s.row_no
        """,
        one_row="true" if run.source.one_row_per_refund else "false",
    )


def write_summaries(run: Statements) -> None:
    """The order's stated total and itemised refunds are the same money: one summary refund holds the rest."""
    run.run(
        """
        CREATE TEMP TABLE m_touched ON COMMIT DROP AS
        SELECT order_id AS id FROM m_final
        UNION SELECT order_id FROM m_refunds WHERE order_id IS NOT NULL
        """
    )
    run.run("ANALYZE m_touched")
    run.run(
        """
        CREATE TEMP TABLE m_rest ON COMMIT DROP AS
        SELECT o.id AS order_id, o.number, o.buyer_key, o.province, coalesce(o.paid_at, o.created_at) AS counted_at,
               greatest(0, coalesce(o.stated_refund, 0) - coalesce(g.itemised, 0)) AS amount,
               coalesce(g.itemised, 0) AS itemised, x.id AS refund_id
        FROM m_touched t
        JOIN products_order o ON o.id = t.id
        LEFT JOIN (
            SELECT r.order_id, sum(r.amount) AS itemised FROM products_refund r JOIN m_touched t ON t.id = r.order_id
            WHERE r.state = 'success' AND NOT r.is_summary GROUP BY 1
        ) g ON g.order_id = o.id
        LEFT JOIN products_refund x ON x.order_id = o.id AND x.is_summary
        WHERE o.stated_refund > 0 OR g.itemised IS NOT NULL OR x.id IS NOT NULL OR o.refunded <> 0
        """
    )
    run.run(
        """
        UPDATE products_refund x SET amount = r.amount, counted_at = r.counted_at,
               state = CASE WHEN r.amount > 0 THEN 'success' ELSE 'closed' END, updated_at = %(now)s
        FROM m_rest r WHERE x.id = r.refund_id
         AND (x.amount, x.counted_at, x.state) IS DISTINCT FROM
             (r.amount, r.counted_at, CASE WHEN r.amount > 0 THEN 'success' ELSE 'closed' END)
        """
    )
    run.run(
        """
        INSERT INTO products_refund (channel_id, number, order_id, order_number, buyer_key, amount, state, platform_state, kind,
                                     reason, province, counted_at, is_summary, notes, batch_id, updated_at)
        SELECT $channel, '~' || number, order_id, number, buyer_key, amount, 'success', '', '', '', province, counted_at, true,
               ARRAY['day_from_order'], $batch, %(now)s
        FROM m_rest WHERE refund_id IS NULL AND amount > 0 ORDER BY order_id
        """
    )
    run.run(
        """
        UPDATE products_order o SET refunded = r.itemised + r.amount
        FROM m_rest r WHERE o.id = r.order_id AND o.refunded <> r.itemised + r.amount
        """
    )
    _split_refunds(run)


def _split_refunds(run: Statements) -> None:
    """Split refunds that name no goods over the order's lines: by the lines' stated refunds, else closed lines, else paid."""
    run.run(
        """
        CREATE TEMP TABLE m_parts ON COMMIT DROP AS
        SELECT w.refund_id, w.nth AS position, w.item_id, w.kind,
               w.share + CASE WHEN w.by_rest <= w.missing THEN w.unit ELSE 0 END AS amount,
               CASE WHEN w.share >= w.line_paid THEN w.quantity ELSE 0 END AS quantity
        FROM (
            SELECT b.*, row_number() OVER (PARTITION BY b.refund_id ORDER BY b.exact - b.share DESC, b.position) AS by_rest,
                   row_number() OVER (PARTITION BY b.refund_id ORDER BY b.position, b.line_id) AS nth,
                   (b.amount - sum(b.share) OVER (PARTITION BY b.refund_id)) / b.unit AS missing
            FROM (
                SELECT a.*, a.weight * a.amount / a.weights AS exact,
                       floor(a.weight * a.amount / a.weights / a.unit) * a.unit AS share
                FROM (
                    SELECT c.*, sum(c.weight) OVER (PARTITION BY c.refund_id) AS weights FROM (
                        SELECT r.id AS refund_id, r.amount, l.id AS line_id, l.position, l.item_id, l.kind, l.quantity,
                               coalesce(l.paid, 0) AS line_paid,
                               CASE WHEN scale(trim_scale(r.amount)) > 2 THEN 0.0001 ELSE 0.01 END AS unit,
                               CASE WHEN r.line_id IS NOT NULL THEN CASE WHEN l.id = r.line_id THEN 1 ELSE 0 END
                                    WHEN sum(l.stated_refund) OVER v > 0 THEN coalesce(l.stated_refund, 0)
                                    WHEN sum(l.paid) FILTER (WHERE l.state LIKE '%关闭%') OVER v >= r.amount
                                    THEN CASE WHEN l.state LIKE '%关闭%' THEN l.paid ELSE 0 END
                                    ELSE coalesce(l.paid, 0) END AS weight
                        FROM products_refund r
                        JOIN m_touched t ON t.id = r.order_id
                        JOIN products_orderline l ON l.order_id = r.order_id AND l.kind IN $counted
                        WHERE r.amount > 0 AND r.state = 'success'
                          AND NOT EXISTS (SELECT FROM products_refundline x WHERE x.refund_id = r.id AND NOT x.is_split)
                        WINDOW v AS (PARTITION BY r.id)
                    ) c
                ) a
                WHERE a.weights > 0
            ) b
        ) w
        """
    )
    run.run("DELETE FROM m_parts WHERE amount = 0")
    run.run(
        """
        DELETE FROM products_refundline x USING products_refund r, m_touched t
        WHERE x.refund_id = r.id AND r.order_id = t.id AND x.is_split
          AND NOT EXISTS (
              SELECT FROM m_parts p WHERE p.refund_id = x.refund_id AND p.position = x.position
                 AND (p.item_id, p.amount, p.quantity) = (x.item_id, x.amount, x.quantity)
          )
        """
    )
    run.run(
        """
        INSERT INTO products_refundline (refund_id, position, item_id, kind, quantity, amount, is_split, batch_id)
        SELECT refund_id, position, item_id, kind, quantity, amount, true, $batch FROM m_parts p
        WHERE NOT EXISTS (SELECT FROM products_refundline x WHERE x.refund_id = p.refund_id AND x.position = p.position)
        ORDER BY refund_id, position
        """
    )
