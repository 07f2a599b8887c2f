"""What becomes of the demo orders: shipped, finished, closed, and the money asked back."""

from typing import Final

from analytics.demo.story import Pen, Story
from analytics.demo.words import MONEY_REASONS, RETURN_REASONS, UNSHIPPED_REASONS

_SECONDS: Final = "* interval '1 second'"
_WORDS: Final = {
    "open": "买家已经申请退款，等待卖家同意",
    "agreed": "卖家已经同意退款，等待买家退货",
    "returned": "买家已经退货，等待卖家确认收货",
    "refused": "卖家拒绝退款",
    "closed": "退款关闭",
    "success": "退款成功",
}


def tell(pen: Pen, story: Story) -> None:
    """Make ``demo_r`` (refunds) and ``demo_o`` (orders with states, times and what was refunded).

    ``demo_person`` says by then who each buyer is.
    """
    _ask(pen, story)
    _answer(pen, story)
    _settle(pen, story)


def _ask(pen: Pen, story: Story) -> None:
    """Say who asks money back, before the parcel leaves or after it came, and for what."""
    pen.keep(
        "demo_ask",
        f"""
        SELECT o.n, o.as_of, o.paid, o.goods_lines, k.kind, a.asked_at,
               a.asked_at + CASE k.kind
                   WHEN 'early' THEN 1200 + 36000 * {story.u("done")}
                   WHEN 'return' THEN 86400 * (1.5 + 6 * {story.u("done")})
                   ELSE 3600 * (4 + 40 * {story.u("done")}) END::int {_SECONDS} AS done_at,
               CASE WHEN k.kind = 'early' OR {story.u("outcome")} < 0.87 THEN 'success'
                    WHEN {story.u("outcome")} < 0.92 THEN 'refused' ELSE 'closed' END AS outcome,
               CASE k.kind WHEN 'early' THEN {story.pick(UNSHIPPED_REASONS, "reason")}
                           WHEN 'return' THEN {story.pick(RETURN_REASONS, "reason")}
                           ELSE {story.pick(MONEY_REASONS, "reason")} END AS reason
        FROM demo_priced o
        CROSS JOIN LATERAL (
            SELECT CASE WHEN {story.u("refund_kind")} < 0.3 THEN 'early' WHEN {story.u("refund_kind")} < 0.86 THEN 'return'
                        ELSE 'money' END
        ) k (kind)
        CROSS JOIN LATERAL (
            SELECT CASE k.kind WHEN 'early' THEN o.paid_at + (300 + (o.ship_secs - 600) * {story.u("asked")})::int {_SECONDS}
                               WHEN 'return' THEN o.ship_at + (86400 * (2 + 6 * {story.u("asked")}))::int {_SECONDS}
                               ELSE o.ship_at + (86400 * (1 + 9 * {story.u("asked")}))::int {_SECONDS} END
        ) a (asked_at)
        WHERE o.kind = 'sale' AND o.paid > 0 AND a.asked_at <= o.as_of
          AND {story.u("refund")} < o.refund_rate * CASE WHEN o.busy THEN 1.2 ELSE 1 END
        """,
    )


def _answer(pen: Pen, story: Story) -> None:
    """Say what each refund is worth and where it stands: some of the last days wait unanswered."""
    waits = f"(r.asked_at > r.as_of - interval '4 days' AND {story.u('slow', 'r.n')} < 0.45)"
    pen.keep(
        "demo_r",
        f"""
        SELECT nextval('products_refund_id_seq') AS id, r.*, l.id AS line_id,
               CASE r.kind WHEN 'early' THEN r.paid
                           WHEN 'money' THEN greatest(0.01, round(r.paid * (0.05 + 0.15 * {story.u("share", "r.n")})::numeric, 2))
                           ELSE coalesce(l.paid, g.paid) END AS amount,
               r.state = 'success' AND r.kind <> 'money' AND NOT r.one_line AS all_back
        FROM (
            SELECT r.*, CASE WHEN r.done_at <= r.as_of AND NOT {waits} THEN r.outcome
                             WHEN r.kind = 'return' AND r.asked_at < r.as_of - interval '1 day' AND NOT {waits}
                             THEN CASE WHEN {story.u("waiting", "r.n")} < 0.5 THEN 'agreed' ELSE 'returned' END
                             ELSE 'open' END AS state,
                   r.kind = 'return' AND r.goods_lines > 1 AND {story.u("whole", "r.n")} > 0.45 AS one_line,
                   1 + {story.below("r.goods_lines", "which", "r.n")} AS nth
            FROM demo_ask r ORDER BY r.asked_at, r.n
        ) r
        JOIN (SELECT n, sum(paid) AS paid FROM demo_l WHERE kind = 'goods' GROUP BY n) g ON g.n = r.n
        LEFT JOIN demo_l l ON l.n = r.n AND l.position = r.nth AND r.one_line
        """,
    )


def _settle(pen: Pen, story: Story) -> None:
    """Give each order the state it has at the story's end."""
    pen.keep(
        "demo_o",
        f"""
        SELECT o.*, greatest(o.created_at, o.paid_at, o.shipped_at, o.finished_at, o.closed_at) AS source_time
        FROM (
            SELECT o.*, p.customer_id, g.goods_paid, coalesce(r.amount, 0) AS refunded, s.shipped_at,
                   CASE WHEN r.all_back THEN NULL WHEN f.finish_at <= o.as_of THEN f.finish_at END AS finished_at,
                   CASE WHEN r.all_back THEN r.done_at WHEN o.paid_at IS NULL AND o.created_at < o.as_of - interval '1 day'
                        THEN o.created_at + interval '1 day' END AS closed_at,
                   CASE WHEN o.paid_at IS NULL AND o.created_at < o.as_of - interval '1 day' THEN 'closed_unpaid'
                        WHEN o.paid_at IS NULL THEN 'unpaid'
                        WHEN r.all_back THEN 'closed_refunded'
                        WHEN f.finish_at <= o.as_of THEN 'finished'
                        WHEN {story.u("unknown")} < 0.006 THEN 'unknown'
                        WHEN s.shipped_at IS NOT NULL THEN 'shipped'
                        ELSE 'paid' END AS state
            FROM demo_priced o
            JOIN demo_person p USING (buyer_no)
            JOIN (
                SELECT n, sum(paid) FILTER (WHERE kind = 'goods') AS goods_paid FROM demo_l GROUP BY n
            ) g USING (n)
            LEFT JOIN demo_r e ON e.n = o.n AND e.kind = 'early'
            LEFT JOIN demo_r r ON r.n = o.n AND r.state = 'success'
            CROSS JOIN LATERAL (SELECT CASE WHEN e.n IS NULL AND o.ship_at <= o.as_of THEN o.ship_at END) s (shipped_at)
            CROSS JOIN LATERAL (
                SELECT s.shipped_at + (86400 * (5 + 7 * {story.u("finish")}))::int {_SECONDS}
            ) f (finish_at)
        ) o
        """,
    )


def write_refunds(pen: Pen) -> None:
    """Put the refunds into the store's tables and split each over its order's lines."""
    words = " ".join(f"WHEN '{state}' THEN '{text}'" for state, text in _WORDS.items())
    pen.run(
        f"""
        INSERT INTO products_refund (id, channel_id, number, order_id, order_number, line_id, buyer_key, amount, state, platform_state,
            kind, reason, province, requested_at, done_at, due_at, counted_at, is_summary, notes, source_time, batch_id, row_no,
            updated_at)
        SELECT r.id, o.channel_id, '7' || lpad(((o.n * 60013 + 7) % 100000000000)::text, 12, '0'), o.id, o.number, r.line_id,
            'id:' || o.buyer_name, r.amount, r.state, CASE r.state {words} END,
            CASE WHEN r.kind = 'return' THEN 'return' ELSE 'money' END, r.reason, '', r.asked_at,
            CASE WHEN r.state IN ('success', 'refused', 'closed') THEN r.done_at END,
            CASE r.state WHEN 'open' THEN r.asked_at + interval '48 hours' WHEN 'agreed' THEN r.asked_at + interval '7 days'
                         WHEN 'returned' THEN r.asked_at + interval '10 days' END,
            CASE WHEN r.state = 'success' THEN r.done_at END, false, '{{}}',
            CASE WHEN r.state IN ('success', 'refused', 'closed') THEN r.done_at ELSE r.asked_at END, o.batch_id, o.row_no,
            %(moment)s
        FROM demo_r r JOIN demo_o o USING (n) ORDER BY r.id
        """
    )
    pen.run(
        """
        INSERT INTO products_refundline (refund_id, position, item_id, kind, quantity, amount, is_split, batch_id)
        SELECT w.refund_id, w.nth, w.item_id, w.kind, CASE WHEN w.share >= w.paid THEN w.quantity ELSE 0 END,
               w.share + CASE WHEN w.by_rest <= w.missing THEN 0.01 ELSE 0 END, true, w.batch_id
        FROM (
            SELECT b.*, row_number() OVER (PARTITION BY b.refund_id ORDER BY b.exact - b.share DESC, b.position) AS by_rest,
                   row_number() OVER (PARTITION BY b.refund_id ORDER BY b.position) AS nth,
                   (b.total - sum(b.share) OVER (PARTITION BY b.refund_id)) / 0.01 AS missing
            FROM (
                SELECT p.*, p.paid * p.total / p.weights AS exact, floor(p.paid * p.total / p.weights / 0.01) * 0.01 AS share
                FROM (
                    SELECT l.*, r.id AS refund_id, r.amount AS total, o.batch_id, sum(l.paid) OVER (PARTITION BY r.id) AS weights
                    FROM demo_r r
                    JOIN demo_o o ON o.n = r.n
                    JOIN demo_l l ON l.n = r.n AND l.paid IS NOT NULL AND (r.line_id IS NULL OR l.id = r.line_id)
                    WHERE r.state = 'success'
                ) p
                WHERE p.weights > 0
            ) b
        ) w
        WHERE w.share > 0 OR w.by_rest <= w.missing
        ORDER BY w.refund_id, w.nth
        """
    )
