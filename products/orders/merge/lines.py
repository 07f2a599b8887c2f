"""Order lines: adopted by sub-order number, position or content; the order's money split over them."""

from typing import Final

from products.orders.merge.statements import Statements, differs

LINE_COLUMNS: Final = (
    "key", "kind", "attributes", "quantity", "unit_price", "amount", "paid", "given_paid", "stated_refund", "state",
)  # fmt: skip


def read_lines(run: Statements) -> None:
    """The file's lines with their items and the present lines they are, adopted by position or by content."""
    if run.source.grain != "line":
        run.run(
            "CREATE TEMP TABLE m_lines ON COMMIT DROP AS SELECT NULL::varchar AS number, NULL::bigint AS line_id,"
            " NULL::varchar AS key, 0 AS position, ''::varchar AS kind, ''::varchar AS code, ''::varchar AS title,"
            " ''::varchar AS attributes, 0 AS quantity, 0::numeric AS unit_price, 0::numeric AS amount,"
            " 0::numeric AS given_paid, 0::numeric AS stated_refund, ''::varchar AS state, 0 AS row_no, false AS wins"
            " WHERE false"
        )
    else:
        run.run(
            """
            CREATE TEMP TABLE m_lines ON COMMIT DROP AS
            SELECT l.number, x.id AS line_id, l.key, l.position, l.kind, l.code, l.title, l.attributes, l.quantity,
                   l.unit_price, l.amount, l.given_paid, l.stated_refund, l.state, l.row_no, l.wins
            FROM (
                SELECT s.order_number AS number,
                       coalesce(s.line_key, '#' || row_number() OVER w) AS key,
                       row_number() OVER w AS position,
                       coalesce(s.line_kind, 'goods') AS kind,
                       $item_code AS code,
                       coalesce(trim(s.title), '') AS title, coalesce(s.attributes, '') AS attributes,
                       coalesce(s.quantity, 1) AS quantity, s.unit_price,
                       coalesce(s.amount, s.unit_price * s.quantity) AS amount, s.line_paid AS given_paid,
                       CASE WHEN s.line_refund_state LIKE '%成功%' THEN s.line_refund END AS stated_refund,
                       coalesce(s.line_state, '') AS state, s.row_no,
                       o.recency IN ('new', 'newer') OR (o.recency = 'tie' AND $take_ties) AS wins, o.order_id
                FROM $stage s JOIN m_orders o ON o.number = s.order_number
                WHERE s.rec = 'line'
                WINDOW w AS (PARTITION BY s.order_number ORDER BY s.row_no)
            ) l
            LEFT JOIN products_orderline x ON x.order_id = l.order_id AND x.key = l.key
            """
        )
    if run.one("SELECT EXISTS (SELECT FROM m_lines l JOIN m_orders o USING (number) WHERE o.order_id IS NOT NULL)")[0]:
        run.run("ANALYZE m_lines")
        _adopt(run)
    if run.one("SELECT EXISTS (SELECT FROM m_lines WHERE key NOT LIKE '#%')")[0]:  # positions do not repeat
        run.run(
            """
            DELETE FROM m_lines l USING (
                SELECT number, key, max(row_no) AS last FROM m_lines GROUP BY number, key HAVING count(*) > 1
            ) d WHERE l.number = d.number AND l.key = d.key AND l.row_no < d.last
            """
        )
    run.run("ANALYZE m_lines")


def _adopt(run: Statements) -> None:
    """Match lines with numbers to lines known by position (and the reverse) by code, quantity and price.

    Only orders whose present lines are all of the other kind take part; all lines must match one to
    one, else the order is marked "check lines" and keeps the lines it has.
    """
    run.run(
        """
        CREATE TEMP TABLE m_adopt ON COMMIT DROP AS
        SELECT DISTINCT o.number, o.order_id
        FROM m_orders o JOIN m_lines l USING (number)
        WHERE o.order_id IS NOT NULL AND l.line_id IS NULL
          AND EXISTS (
              SELECT FROM products_orderline x
              WHERE x.order_id = o.order_id AND (x.key LIKE '#%') <> (l.key LIKE '#%')
          )
        """
    )
    run.run(
        """
        CREATE TEMP TABLE m_match ON COMMIT DROP AS
        SELECT f.number, f.row_no, x.id AS line_id, x.key AS present_key, f.key AS file_key
        FROM (
            SELECT l.number, l.row_no, l.key, a.order_id, l.code, l.quantity, l.unit_price,
                   row_number() OVER (PARTITION BY l.number, l.code, l.quantity, l.unit_price ORDER BY l.row_no) AS nth
            FROM m_lines l JOIN m_adopt a USING (number)
        ) f
        LEFT JOIN (
            SELECT x.id, x.key, x.order_id, i.code, x.quantity, x.unit_price,
                   row_number() OVER (PARTITION BY x.order_id, i.code, x.quantity, x.unit_price ORDER BY x.position) AS nth
            FROM products_orderline x JOIN products_channelitem i ON i.id = x.item_id
            WHERE x.order_id IN (SELECT order_id FROM m_adopt)
        ) x ON x.order_id = f.order_id AND x.code = f.code AND x.quantity = f.quantity AND x.nth = f.nth
           AND (x.unit_price = f.unit_price OR x.unit_price IS NULL OR f.unit_price IS NULL)
        """
    )
    run.run(
        """
        UPDATE m_orders o SET check_lines = true
        FROM (
            SELECT a.number FROM m_adopt a
            WHERE EXISTS (SELECT FROM m_match m WHERE m.number = a.number AND m.line_id IS NULL)
               OR (SELECT count(*) FROM m_match m WHERE m.number = a.number)
                  <> (SELECT count(*) FROM products_orderline x WHERE x.order_id = a.order_id)
        ) bad WHERE bad.number = o.number
        """
    )
    run.run(
        "DELETE FROM m_lines l USING m_adopt a, m_orders o WHERE l.number = a.number AND o.number = a.number AND o.check_lines"
    )
    run.run(
        """
        UPDATE m_lines l SET line_id = m.line_id,
               key = CASE WHEN m.present_key LIKE '#%' THEN m.file_key ELSE m.present_key END
        FROM m_match m JOIN m_orders o USING (number)
        WHERE l.number = m.number AND l.row_no = m.row_no AND m.line_id IS NOT NULL AND NOT o.check_lines
        """
    )


def derive(run: Statements) -> None:
    """All lines of the file's orders as they will be, and the money split over them."""
    run.run(
        """
        CREATE TEMP TABLE m_all ON COMMIT DROP AS
        SELECT l.number, l.line_id, l.key, l.position,
               CASE WHEN l.wins OR x.id IS NULL THEN l.kind ELSE x.kind END AS kind,
               CASE WHEN x.id IS NULL OR l.wins AND l.code NOT LIKE '~%' THEN l.code ELSE y.code END AS code,
               coalesce(nullif(l.title, ''), nullif(x.title, ''), nullif(y.title, ''), nullif(c.title, ''), left(i.title, 300), '') AS title,
               coalesce(nullif(l.attributes, ''), x.attributes, '') AS attributes,
               CASE WHEN l.wins OR x.id IS NULL THEN l.quantity ELSE x.quantity END AS quantity,
               CASE WHEN l.wins THEN coalesce(l.unit_price, x.unit_price) ELSE coalesce(x.unit_price, l.unit_price) END AS unit_price,
               CASE WHEN l.wins THEN coalesce(l.amount, x.amount) ELSE coalesce(x.amount, l.amount) END AS amount,
               CASE WHEN l.wins THEN coalesce(l.given_paid, x.given_paid) ELSE coalesce(x.given_paid, l.given_paid) END AS given_paid,
               CASE WHEN l.wins THEN coalesce(l.stated_refund, x.stated_refund) ELSE coalesce(x.stated_refund, l.stated_refund) END AS stated_refund,
               CASE WHEN l.wins THEN coalesce(nullif(l.state, ''), x.state, '') ELSE coalesce(nullif(x.state, ''), l.state) END AS state,
               l.row_no,
               CASE WHEN l.kind IN $counted THEN coalesce(l.given_paid, l.amount) END AS paid
        FROM m_lines l
        LEFT JOIN products_orderline x ON x.id = l.line_id
        LEFT JOIN products_channelitem y ON y.id = x.item_id
        LEFT JOIN m_items i ON i.code = l.code
        LEFT JOIN products_channelitem c ON c.id = i.item_id
        """
    )
    run.run(
        """
        INSERT INTO m_all
        SELECT o.number, x.id, x.key, x.position, x.kind, i.code, coalesce(nullif(x.title, ''), i.title), x.attributes, x.quantity, x.unit_price,
               x.amount, x.given_paid, x.stated_refund, x.state, NULL, x.paid
        FROM m_orders o
        JOIN products_orderline x ON x.order_id = o.order_id
        JOIN products_channelitem i ON i.id = x.item_id
        WHERE NOT EXISTS (SELECT FROM m_lines l WHERE l.line_id = x.id)
        """
    )
    run.run("ANALYZE m_all")


def split_paid(run: Statements) -> None:
    """Split each order's paid over its counted lines by largest remainder (ties: earlier line).

    Lines that already add up to it stay as they are.
    """
    run.run(
        """
        CREATE TEMP TABLE m_split ON COMMIT DROP AS
        SELECT f.number, f.paid - CASE WHEN g.has_charge THEN 0 ELSE least(coalesce(f.postage, 0), f.paid) END AS total,
               CASE WHEN scale(trim_scale(f.paid)) > 2 THEN 0.0001 ELSE 0.01 END AS unit
        FROM m_final f
        JOIN (
            SELECT number, sum(paid) AS paid, bool_or(kind = 'charge') AS has_charge FROM m_all
            WHERE kind IN $counted GROUP BY number
        ) g USING (number)
        WHERE g.paid IS DISTINCT FROM f.paid - CASE WHEN g.has_charge THEN 0 ELSE least(coalesce(f.postage, 0), f.paid) END
        """
    )
    run.run("UPDATE m_all l SET paid = NULL FROM m_split t WHERE t.number = l.number AND l.paid IS NOT NULL")
    run.run("DELETE FROM m_split WHERE total IS NULL")
    run.run("ANALYZE m_split")
    run.run(
        """
        UPDATE m_all l SET paid = s.part
        FROM (
            SELECT w.number, w.key,
                   w.share + CASE WHEN w.nth <= w.missing THEN w.unit ELSE 0 END AS part
            FROM (
                SELECT b.*,
                       row_number() OVER (PARTITION BY b.number ORDER BY b.exact - b.share DESC, b.position, b.key) AS nth,
                       (b.total - sum(b.share) OVER (PARTITION BY b.number)) / b.unit AS missing
                FROM (
                    SELECT a.number, a.key, a.position, a.total, a.unit, a.weight * a.total / a.weights AS exact,
                           floor(a.weight * a.total / a.weights / a.unit) * a.unit AS share
                    FROM (
                        SELECT number, key, position, total, unit,
                               CASE WHEN given THEN given_paid WHEN list > 0 THEN coalesce(amount, 0) ELSE quantity END AS weight,
                               CASE WHEN given THEN given_sum WHEN list > 0 THEN list ELSE all_pieces END AS weights
                        FROM (
                            SELECT a.*, t.total, t.unit, sum(coalesce(amount, 0)) OVER v AS list,
                                   sum(quantity) OVER v AS all_pieces, sum(given_paid) OVER v AS given_sum,
                                   count(given_paid) OVER v = count(*) OVER v AND sum(given_paid) OVER v > 0 AS given
                            FROM m_all a JOIN m_split t USING (number) WHERE a.kind IN $counted
                            WINDOW v AS (PARTITION BY a.number)
                        ) a
                    ) a
                    WHERE a.weights > 0
                ) b
            ) w
        ) s
        WHERE s.number = l.number AND s.key = l.key
        """
    )


def write_lines(run: Statements) -> None:
    names = ", ".join(LINE_COLUMNS)
    values = ", ".join(f"a.{name}" for name in LINE_COLUMNS)
    # A first import changes nothing: without this question the updates would read every line there is.
    if run.one("SELECT EXISTS (SELECT FROM m_changes WHERE lines_changed > 0)")[0]:
        run.run(
            f"""
            UPDATE products_orderline x SET ({names}, item_id, title)
                 = ROW ({values}, i.id, CASE WHEN left(a.title, 300) = i.title THEN '' ELSE left(a.title, 300) END)
            FROM m_all a
            JOIN m_changes d ON d.number = a.number AND d.lines_changed > 0
            JOIN products_channelitem i ON i.channel_id = $channel AND i.code = a.code
            WHERE x.id = a.line_id AND a.row_no IS NOT NULL
              AND ({differs("a", "x", LINE_COLUMNS)} OR x.item_id <> i.id)
            """
        )
        run.run(
            """
            UPDATE products_orderline x SET paid = a.paid
            FROM m_all a JOIN m_changes d ON d.number = a.number AND d.lines_changed > 0
            WHERE x.id = a.line_id AND a.row_no IS NULL AND x.paid IS DISTINCT FROM a.paid
            """
        )
    run.run(
        f"""
        INSERT INTO products_orderline (order_id, position, {names}, item_id, title, batch_id, row_no)
        SELECT f.order_id, a.position, {values}, i.item_id,
               CASE WHEN left(a.title, 300) = c.title THEN '' ELSE left(a.title, 300) END, $batch, a.row_no
        FROM m_all a
        JOIN m_final f ON f.number = a.number
        JOIN m_items i ON i.code = a.code
        JOIN products_channelitem c ON c.id = i.item_id
        WHERE a.line_id IS NULL
        ORDER BY f.order_id, a.position
        """
    )
