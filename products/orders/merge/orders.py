"""Orders and the items their lines sell: read from the stage, laid over the present, written."""

from typing import Final

from products.orders.following import name_buyers
from products.orders.merge.statements import Statements, rank
from products.orders.states import RANK

ORDER_VALUES: Final = (
    "platform_state", "created_at", "paid_at", "shipped_at", "finished_at", "closed_at", "due_at",
    "payable", "paid", "received", "postage", "discount_store", "discount_platform", "stated_refund",
    "buyer", "buyer_key", "province", "city", "district", "message", "memo", "flag", "talent",
)  # fmt: skip
BLANK_IS_UNKNOWN: Final = frozenset(
    ("platform_state", "buyer", "buyer_key", "province", "city", "district", "message", "memo", "flag", "talent")
)
DERIVED: Final = ("goods_paid", "pieces", "line_count", "titles")
# An order known by its lines alone has no time of its own yet: it stands at the import's, its money unknown.
UNDATED: Final = "created_unknown"
ORDER_COLUMNS: Final = ("kind", "state", *ORDER_VALUES, *DERIVED, "notes")


_FILE: Final = """
    s.*, greatest(s.modified_at, s.finished_at, s.closed_at, s.shipped_at, s.paid_at, s.created_at) AS source_time,
    $rank_s AS rank
    FROM $stage s WHERE s.rec <> 'refund' AND s.order_number IS NOT NULL
"""


def read_items(run: Statements) -> None:
    run.run(
        """
        CREATE TEMP TABLE m_items ON COMMIT DROP AS
        SELECT s.code, i.id AS item_id, s.title, s.platform_item, s.is_goods
        FROM (
            SELECT $item_code AS code,
                   coalesce(min(nullif(trim(title), '')), '') AS title,
                   coalesce(min(platform_item), '') AS platform_item,
                   NOT bool_or(coalesce(line_kind, '') = 'charge')
                       AND bool_or(coalesce(line_kind, 'goods') <> 'finance_adjustment') AS is_goods
            FROM $stage s
            WHERE s.rec = 'line'
               OR s.rec = 'refund' AND coalesce(s.code, s.item_code, s.platform_sku, s.platform_item, s.title) <> ''
            GROUP BY 1
        ) s
        LEFT JOIN products_channelitem i ON i.channel_id = $channel AND i.code = s.code
        """
    )
    run.run("CREATE UNIQUE INDEX ON m_items (code)")
    run.run("ANALYZE m_items")


def read_orders(run: Statements) -> None:
    """One row per order of the file: of repeated orders the latest, of lines the first, with sums where given per line."""
    if run.source.grain == "refund":
        pick = "SELECT s.*, NULL::timestamptz AS source_time, 0 AS rank FROM $stage s WHERE false"
    elif run.source.grain == "order":
        pick = f"""
            SELECT DISTINCT ON (s.order_number) {_FILE}
            ORDER BY s.order_number, source_time DESC NULLS LAST, rank DESC, s.row_no DESC
        """
    else:  # the first line: found by number, the wide rows are not sorted
        pick = f"""
            SELECT {_FILE} AND s.row_no IN (
                SELECT min(row_no) FROM $stage WHERE rec <> 'refund' GROUP BY order_number
            )
        """
    run.run(f"CREATE TEMP TABLE m_file ON COMMIT DROP AS {pick}")
    run.run("CREATE UNIQUE INDEX ON m_file (order_number)")
    run.run("ANALYZE m_file")
    if run.source.grain == "line":
        _gather_lines_into_orders(run)
    run.run(
        """
        CREATE TEMP TABLE m_orders ON COMMIT DROP AS
        SELECT f.order_number AS number, x.id AS order_id, f.row_no,
               coalesce(f.order_kind, x.kind, 'sale') AS kind,
               f.state AS f_state, f.rank AS f_rank, f.source_time AS f_time,
               x.state AS x_state, $rank_x AS x_rank, x.source_time AS x_time,
               CASE WHEN x.id IS NULL THEN 'new'
                    WHEN f.source_time IS NULL OR x.source_time IS NULL OR f.source_time = x.source_time THEN 'tie'
                    WHEN f.source_time > x.source_time THEN 'newer' ELSE 'older' END AS recency,
               f.platform_state, f.created_at, f.paid_at, f.shipped_at, f.finished_at, f.closed_at, f.due_at,
               f.payable, f.paid, f.received, f.postage, f.discount_store, f.discount_platform,
               CASE WHEN f.refunded_all THEN coalesce(f.paid, f.payable) ELSE f.stated_refund END AS stated_refund,
               CASE WHEN f.buyer_id LIKE '%*%' THEN f.buyer_id ELSE coalesce(f.buyer_id, f.email_mask) END AS buyer,
               CASE WHEN f.buyer_id IS NOT NULL AND f.buyer_id NOT LIKE '%*%' THEN 'id:' || f.buyer_id
                    WHEN f.buyer_id IS NULL AND f.email_digest IS NOT NULL
                    THEN 'email:' || encode(f.email_digest, 'hex') END AS buyer_key,
               f.province, f.city, f.district, f.message, f.memo, f.flag, f.talent,
               f.pieces AS f_pieces, f.titles AS f_titles, coalesce(f.notes, '{}') AS f_notes, false AS check_lines
        FROM m_file f
        LEFT JOIN products_order x ON x.channel_id = $channel AND x.number = f.order_number
        """,
        rank_x=rank("x.state", RANK),
    )
    run.run("CREATE UNIQUE INDEX ON m_orders (number)")
    run.run("ANALYZE m_orders")


def _gather_lines_into_orders(run: Statements) -> None:
    """Lines of one order may differ in state and times, and some files give the order's money per line."""
    sums = sorted(set(run.source.sums) & set(ORDER_VALUES))
    added = "".join(f", {name} = g.{name}" for name in sums)
    adding = "".join(f", sum(s.{name}) AS {name}" for name in sums)
    run.run(
        """
        UPDATE m_file f SET state = g.state, paid_at = g.paid_at, shipped_at = g.shipped_at,
               finished_at = g.finished_at, source_time = g.source_time, rank = $rank_g, notes = g.notes $added
        FROM (
            SELECT s.order_number,
                   coalesce(
                       (array_agg(s.state ORDER BY $rank_s) FILTER (WHERE s.state NOT LIKE 'closed%'))[1],
                       (array_agg(s.state ORDER BY $rank_s DESC) FILTER (WHERE s.state IS NOT NULL))[1]
                   ) AS state,
                   min(s.paid_at) AS paid_at, min(s.shipped_at) AS shipped_at, max(s.finished_at) AS finished_at,
                   max(greatest(s.modified_at, s.finished_at, s.closed_at, s.shipped_at, s.paid_at, s.created_at))
                       AS source_time,
                   (SELECT array_agg(DISTINCT n) FROM unnest(string_to_array(string_agg(array_to_string(s.notes, ','), ','), ',')) n)
                       AS notes
                   $adding
            FROM $stage s WHERE s.rec = 'line' AND s.order_number IN (SELECT d.order_number FROM $differing)
            GROUP BY s.order_number
        ) g
        WHERE f.order_number = g.order_number
        """,
        added=added,
        adding=adding,
        rank_g=rank("g.state", RANK),
        differing="m_file d"
        if sums
        else """(
            SELECT order_number FROM $stage WHERE rec = 'line' GROUP BY order_number
            HAVING min(state) <> max(state) OR min(paid_at) <> max(paid_at) OR min(shipped_at) <> max(shipped_at)
                OR max(finished_at) <> min(finished_at)
        ) d""".replace("$stage", run.names["stage"]),
    )


def lay_over(run: Statements) -> None:
    """The orders as they will be: file over present or present over file, by recency; then what follows from lines."""
    _lay_values_over(run)
    _follow_lines(run)


def _final_of(name: str, *, by_line: bool) -> str:
    """Return the SQL of one value of the order; ``by_line``: the format gives lines, no header of its own."""
    file, present = f"o.{name}", f"x.{name}"
    if name in ("paid", "payable") and by_line:  # a sum of lines is no header: new lines, new sum
        present = f"CASE WHEN o.wins AND o.{name} IS NULL AND x.paid_at IS NOT NULL AND x.{name} = d.paid THEN NULL ELSE x.{name} END"
    if name == "created_at":  # a moment put in for want of one gives way to any file's
        file, present = "coalesce(o.created_at, x.created_at, %(now)s)", f"CASE WHEN $dated THEN {present} END"
    if name in BLANK_IS_UNKNOWN:
        file, present = f"nullif({file}, '')", f"nullif({present}, '')"
    chosen = f"CASE WHEN o.wins THEN coalesce({file}, {present}) ELSE coalesce({present}, {file}) END"
    return f"coalesce({chosen}, $$$$) AS {name}" if name in BLANK_IS_UNKNOWN else f"{chosen} AS {name}"


def _lay_values_over(run: Statements) -> None:
    finals = [_final_of(name, by_line=run.source.grain == "line") for name in ORDER_VALUES]
    run.run(
        f"""
        CREATE TEMP TABLE m_final ON COMMIT DROP AS
        SELECT o.number, o.order_id, o.row_no, o.recency, o.kind,
               CASE WHEN o.x_state IS NULL THEN coalesce(o.f_state, 'unknown')
                    WHEN o.f_state IS NULL OR o.f_rank < o.x_rank THEN o.x_state
                    WHEN o.f_rank > o.x_rank THEN o.f_state
                    WHEN o.wins THEN o.f_state ELSE o.x_state END AS state,
               greatest(o.f_time, o.x_time) AS source_time,
               {", ".join(finals)},
               o.f_pieces, o.f_titles,
               (SELECT coalesce(array_agg(DISTINCT n ORDER BY n), '{{}}') FROM unnest(
                   o.f_notes || array_remove(coalesce(x.notes, '{{}}'), '{UNDATED}')
                   || CASE WHEN o.check_lines THEN ARRAY['check_lines'] ELSE '{{}}' END
                   || CASE WHEN o.created_at IS NULL AND NOT (x.id IS NOT NULL AND $dated) THEN ARRAY['{UNDATED}'] ELSE '{{}}' END
               ) n)::varchar[] AS notes,
               NULL::numeric AS goods_paid, NULL::int AS pieces, 0 AS line_count, ''::varchar AS titles
        FROM (SELECT *, recency IN ('new', 'newer') OR (recency = 'tie' AND $take_ties) AS wins FROM m_orders) o
        LEFT JOIN products_order x ON x.id = o.order_id
        LEFT JOIN LATERAL (
            SELECT CASE WHEN count(y.given_paid) = count(*) THEN sum(y.given_paid) ELSE sum(y.amount) END AS paid
            FROM products_orderline y WHERE y.order_id = o.order_id AND y.kind IN $counted
        ) d ON true
        """.replace("$$$$", "''"),
        dated=f"(NOT coalesce(x.notes, '{{}}') @> ARRAY['{UNDATED}']::varchar[])",
    )
    run.run("CREATE UNIQUE INDEX ON m_final (number)")
    run.run("ANALYZE m_final")


def _follow_lines(run: Statements) -> None:
    # Without a header the money is the sum of the lines; refunded_all needs it too.
    run.run(
        """
        UPDATE m_final f SET
            paid = CASE WHEN f.paid IS NULL AND f.paid_at IS NOT NULL AND NOT f.notes @> ARRAY['paid_unknown']::varchar[]
                        THEN coalesce(g.given_paid, g.list_amount) ELSE f.paid END,
            payable = coalesce(f.payable, CASE WHEN f.paid_at IS NOT NULL THEN f.paid END, g.given_paid, g.list_amount),
            pieces = g.pieces, line_count = g.lines,
            titles = left(coalesce(nullif(f.f_titles, ''), g.titles, ''), 500)
        FROM (
            SELECT number, count(*) AS lines,
                   CASE WHEN count(given_paid) = count(*) THEN sum(given_paid) FILTER (WHERE kind IN $counted) END AS given_paid,
                   coalesce(sum(amount) FILTER (WHERE kind IN $counted), 0) AS list_amount,
                   coalesce(sum(quantity) FILTER (WHERE kind IN $counted), 0) AS pieces,
                   left(string_agg(nullif(title, ''), '，' ORDER BY position) FILTER (WHERE position <= 6), 500) AS titles
            FROM m_all GROUP BY number
        ) g WHERE g.number = f.number
        """
    )
    run.run(
        """
        UPDATE m_final f SET pieces = coalesce(f.f_pieces, x.pieces), titles = coalesce(nullif(f.f_titles, ''), x.titles, '')
        FROM m_final n LEFT JOIN products_order x ON x.id = n.order_id
        WHERE f.number = n.number AND f.line_count = 0 AND (f.f_pieces IS NOT NULL OR f.f_titles <> '' OR x.id IS NOT NULL)
        """
    )


def finish(run: Statements) -> None:
    """What follows from the split lines: money for goods, when the order is due."""
    run.run(
        """
        UPDATE m_final f SET
            goods_paid = CASE WHEN f.line_count > 0 THEN g.goods
                              WHEN f.paid IS NOT NULL THEN greatest(0, f.paid - coalesce(f.postage, 0)) END,
            due_at = coalesce(f.due_at, CASE WHEN f.kind = 'sale' THEN f.paid_at + make_interval(hours => $ship_hours) END),
            notes = CASE WHEN f.paid IS NOT NULL THEN array_remove(f.notes, 'paid_unknown') ELSE f.notes END,
            payable = CASE WHEN f.notes @> ARRAY['$undated']::varchar[] THEN NULL ELSE f.payable END
        FROM m_final n
        LEFT JOIN (SELECT number, sum(paid) FILTER (WHERE kind = 'goods') AS goods FROM m_all GROUP BY number) g USING (number)
        WHERE n.number = f.number
        """,
        undated=UNDATED,
    )


def write_items(run: Statements) -> None:
    run.run(
        """
        WITH made AS (
            INSERT INTO products_channelitem (channel_id, code, title, platform_item, is_goods, batch_id, updated_at)
            SELECT $channel, code, left(title, 300), left(platform_item, 64), is_goods, $batch, %(now)s
            FROM m_items WHERE item_id IS NULL ORDER BY code
            RETURNING id, code
        )
        UPDATE m_items i SET item_id = made.id FROM made WHERE made.code = i.code
        """
    )
    run.run(
        """
        UPDATE products_channelitem x SET title = left(i.title, 300)
        FROM m_items i WHERE x.id = i.item_id AND x.title = '' AND i.title <> ''
        """
    )


def write_orders(run: Statements) -> None:
    names = ", ".join(ORDER_COLUMNS)
    run.run(
        f"""
        UPDATE products_order x SET ({names}, source_time, updated_at, customer_id)
             = ROW ({", ".join(f"f.{name}" for name in ORDER_COLUMNS)}, f.source_time, %(now)s,
                    CASE WHEN f.buyer_key = x.buyer_key THEN x.customer_id END)
        FROM m_final f JOIN m_changes c ON c.number = f.number AND c.changed
        WHERE x.id = f.order_id
        """
    )
    run.run(
        """
        UPDATE products_order x SET source_time = f.source_time FROM m_final f
        WHERE x.id = f.order_id AND (f.source_time > x.source_time OR x.source_time IS NULL AND f.source_time IS NOT NULL)
        """
    )
    # Orders are born with their buyers: given one afterwards, each would be written twice, in every index.
    run.run(
        """
        CREATE TEMP TABLE m_buyers ON COMMIT DROP AS
        SELECT buyer_key AS key, left(min(buyer), 120) AS label, NULL::bigint AS customer_id
        FROM m_final WHERE order_id IS NULL AND buyer_key <> '' GROUP BY 1
        """
    )
    name_buyers(run.source.channel_id, run.source.batch_id, "m_buyers")
    run.run(
        f"""
        WITH made AS (
            INSERT INTO products_order (channel_id, number, {names}, source_time, refunded, batch_id, row_no, updated_at, customer_id)
            SELECT $channel, f.number, {", ".join(f"f.{name}" for name in ORDER_COLUMNS)}, f.source_time, 0, $batch, f.row_no, %(now)s,
                   b.customer_id
            FROM m_final f LEFT JOIN m_buyers b ON b.key = f.buyer_key WHERE f.order_id IS NULL ORDER BY f.row_no
            RETURNING id, number
        )
        UPDATE m_final f SET order_id = made.id FROM made WHERE made.number = f.number
        """
    )
    run.run("ANALYZE m_final")
