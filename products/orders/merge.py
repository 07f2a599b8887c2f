"""The compare-first merge: what staging holds becomes orders, lines, refunds, parcels; equal rows stay untouched.

One transaction, set-based, in two steps: :func:`prepare` computes the final rows beside the
present ones in temporary tables, :func:`apply` writes the differences. The preview of an import is
``prepare`` alone. Rules (docs/money-columns.md, docs/architecture.md):

* order = (channel, number); line = (order, sub-order number or ``#position``); refund = (channel, number);
* recency is the latest of a row's own times: newer wins, a blank never overwrites, the higher state
  wins and never falls back; equal recency takes the later upload (or keeps, by choice);
* a header's money is the truth; without one it is the sum of the lines; a line's paid is the header
  split by largest remainder.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Final

from django.db import connection
from psycopg2 import sql

from products.orders.staging import table_of

# How far an order is on its platform; equal ranks are settled by recency.
RANK: Final = {
    "unknown": 0, "unpaid": 1, "deposit_paid": 2, "closed_unpaid": 3, "closed_deposit": 3,
    "paid": 4, "held": 4, "approved": 4, "in_wave": 4, "packed": 4,
    "partly_shipped": 5, "shipped": 6, "intercepting": 6, "finished": 7, "closed_refunded": 8,
}  # fmt: skip
REFUND_RANK: Final = {"unknown": 0, "open": 1, "agreed": 2, "refused": 2, "returned": 3, "closed": 4, "success": 5}
ORDER_VALUES: Final = (
    "platform_state", "created_at", "paid_at", "shipped_at", "finished_at", "closed_at", "due_at",
    "payable", "paid", "received", "postage", "discount_store", "discount_platform", "stated_refund",
    "buyer", "buyer_key", "province", "city", "district", "message", "memo", "flag", "talent",
)  # fmt: skip
BLANK_IS_UNKNOWN: Final = frozenset(
    ("platform_state", "buyer", "buyer_key", "province", "city", "district", "message", "memo", "flag", "talent")
)
DERIVED: Final = ("goods_paid", "pieces", "line_count", "titles")
CHARGE_KINDS: Final = "('goods', 'charge')"


@dataclass(frozen=True)
class Source:
    """What a merge must know of its batch."""

    batch_id: int
    channel_id: int
    platform: str
    ship_hours: int
    zone: str  # of store days
    grain: str  # order, line, refund
    sums: Collection[str]  # order columns the file gives per line, to be added up
    keep_ties: bool
    one_row_per_refund: bool  # else the rows of one refund number are its lines


def _rank(column: str, ranks: dict[str, int]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in ranks.items())
    return f"CASE {column} {cases} ELSE 0 END"


class _Cursor:
    """Runs templates: ``$name`` is one of our own identifiers or integers, ``%(name)s`` a value."""

    def __init__(self, source: Source, now: datetime) -> None:
        self.source = source
        self.cursor = connection.cursor()
        stage = table_of(source.batch_id).as_string(connection.cursor().cursor.connection)
        self.names = {
            "stage": stage,
            "channel": str(int(source.channel_id)),
            "batch": str(int(source.batch_id)),
            "ship_hours": str(int(source.ship_hours)),
            "rank_s": _rank("s.state", RANK),
            "counted": CHARGE_KINDS,
            "item_code": "coalesce(nullif(s.code, ''), nullif(s.item_code, ''), nullif(s.platform_sku, ''),"
            " nullif(s.platform_item, ''), '~' || left(md5(coalesce(s.title, '')), 16))",
        }
        self.values = {"zone": source.zone, "now": now}

    def run(self, statement: str, **names: str) -> int:
        text = Template(statement).substitute(self.names | names)
        self.cursor.execute(text.replace("%", "%%").replace("%%(", "%("), self.values)
        return int(self.cursor.rowcount)

    def one(self, statement: str, **names: str) -> tuple[object, ...]:
        self.run(statement, **names)
        row: tuple[object, ...] = self.cursor.fetchone()
        return row


def lock(channel_id: int) -> None:
    """Let only one merge work on a channel until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('products.orders.merge'), %s)", [channel_id])


def prepare(source: Source, now: datetime) -> dict[str, int]:
    """Compute what would change into temporary tables (dropped at commit); return the counts.

    Counts: orders, new, changed, equal, tie_changed, lines_new, lines_changed, refunds_new,
    refunds_changed, check_lines, rows.
    """
    run = _Cursor(source, now)
    run.run("DROP TABLE IF EXISTS m_orders, m_lines, m_all, m_refunds, m_refund_lines, m_shipments, m_items, m_contacts")
    _items(run)
    _orders(run)
    _lines(run)
    _derive(run)
    _final_orders(run)
    _refunds(run)
    return _counts(run)


def _items(run: _Cursor) -> None:
    run.run(
        """
        CREATE TEMP TABLE m_items ON COMMIT DROP AS
        SELECT s.code, i.id AS item_id, s.title, s.platform_item, s.is_goods
        FROM (
            SELECT $item_code AS code,
                   coalesce(min(nullif(trim(title), '')), '') AS title,
                   coalesce(min(platform_item), '') AS platform_item,
                   bool_or(coalesce(line_kind, 'goods') NOT IN ('charge', 'finance_adjustment')) AS is_goods
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


def _orders(run: _Cursor) -> None:
    """One row per order of the file: of repeated orders the latest, of lines the first, with sums where given per line."""
    if run.source.grain == "refund":
        pick = "SELECT s.*, NULL::timestamptz AS source_time, 0 AS rank FROM $stage s WHERE false"
    else:
        order = (
            "s.order_number, source_time DESC NULLS LAST, rank DESC, s.row_no DESC"
            if run.source.grain == "order"
            else "s.order_number, s.row_no"
        )
        pick = f"""
            SELECT DISTINCT ON (s.order_number) s.*,
                   greatest(s.modified_at, s.finished_at, s.closed_at, s.shipped_at, s.paid_at, s.created_at) AS source_time,
                   $rank_s AS rank
            FROM $stage s WHERE s.rec <> 'refund' AND s.order_number IS NOT NULL
            ORDER BY {order}
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
        rank_x=_rank("x.state", RANK),
    )
    run.run("CREATE UNIQUE INDEX ON m_orders (number)")
    run.run("ANALYZE m_orders")


def _gather_lines_into_orders(run: _Cursor) -> None:
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
        rank_g=_rank("g.state", RANK),
        differing="m_file d"
        if sums
        else """(
            SELECT order_number FROM $stage WHERE rec = 'line' GROUP BY order_number
            HAVING min(state) <> max(state) OR min(paid_at) <> max(paid_at) OR min(shipped_at) <> max(shipped_at)
                OR max(finished_at) <> min(finished_at)
        ) d""".replace("$stage", run.names["stage"]),
    )


def _lines(run: _Cursor) -> None:
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
            """,
            take_ties="false" if run.source.keep_ties else "true",
        )
    if run.one("SELECT EXISTS (SELECT FROM m_lines l JOIN m_orders o USING (number) WHERE o.order_id IS NOT NULL)")[0]:
        run.run("ANALYZE m_lines")
        _adopt(run)
    run.run(
        """
        DELETE FROM m_lines l USING (
            SELECT number, key, max(row_no) AS last FROM m_lines GROUP BY number, key HAVING count(*) > 1
        ) d WHERE l.number = d.number AND l.key = d.key AND l.row_no < d.last
        """
    )
    run.run("ANALYZE m_lines")


def _adopt(run: _Cursor) -> None:
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
    run.run("DELETE FROM m_lines l USING m_adopt a, m_orders o WHERE l.number = a.number AND o.number = a.number AND o.check_lines")
    run.run(
        """
        UPDATE m_lines l SET line_id = m.line_id,
               key = CASE WHEN m.present_key LIKE '#%' THEN m.file_key ELSE m.present_key END
        FROM m_match m JOIN m_orders o USING (number)
        WHERE l.number = m.number AND l.row_no = m.row_no AND m.line_id IS NOT NULL AND NOT o.check_lines
        """
    )


def _derive(run: _Cursor) -> None:
    """All lines of the file's orders as they will be, and the money split over them."""
    run.run(
        """
        CREATE TEMP TABLE m_all ON COMMIT DROP AS
        SELECT l.number, l.line_id, l.key, l.position,
               CASE WHEN l.wins OR x.id IS NULL THEN l.kind ELSE x.kind END AS kind, l.code,
               CASE WHEN l.title <> '' THEN l.title ELSE coalesce(nullif(x.title, ''), '') END AS title,
               coalesce(nullif(l.attributes, ''), x.attributes, '') AS attributes,
               CASE WHEN l.wins OR x.id IS NULL THEN l.quantity ELSE x.quantity END AS quantity,
               CASE WHEN l.wins THEN coalesce(l.unit_price, x.unit_price) ELSE coalesce(x.unit_price, l.unit_price) END AS unit_price,
               CASE WHEN l.wins THEN coalesce(l.amount, x.amount) ELSE coalesce(x.amount, l.amount) END AS amount,
               CASE WHEN l.wins THEN coalesce(l.given_paid, x.given_paid) ELSE coalesce(x.given_paid, l.given_paid) END AS given_paid,
               CASE WHEN l.wins THEN coalesce(l.stated_refund, x.stated_refund) ELSE coalesce(x.stated_refund, l.stated_refund) END AS stated_refund,
               CASE WHEN l.wins THEN coalesce(nullif(l.state, ''), x.state, '') ELSE coalesce(nullif(x.state, ''), l.state) END AS state,
               l.row_no,
               CASE WHEN l.kind IN $counted THEN coalesce(l.given_paid, l.amount) END AS paid
        FROM m_lines l LEFT JOIN products_orderline x ON x.id = l.line_id
        """
    )
    run.run(
        """
        INSERT INTO m_all
        SELECT o.number, x.id, x.key, x.position, x.kind, i.code, x.title, x.attributes, x.quantity, x.unit_price,
               x.amount, x.given_paid, x.stated_refund, x.state, NULL, x.paid
        FROM m_orders o
        JOIN products_orderline x ON x.order_id = o.order_id
        JOIN products_channelitem i ON i.id = x.item_id
        WHERE NOT EXISTS (SELECT FROM m_lines l WHERE l.line_id = x.id)
        """
    )
    run.run("CREATE INDEX ON m_all (number)")
    run.run("ANALYZE m_all")


def _final_orders(run: _Cursor) -> None:
    """The orders as they will be: file over present or present over file, by recency; then what follows from lines."""
    finals = []
    for name in ORDER_VALUES:
        file, present = f"o.{name}", f"x.{name}"
        if name in BLANK_IS_UNKNOWN:
            file, present = f"nullif({file}, '')", f"nullif({present}, '')"
        finals.append(
            f"{'coalesce(' if name in BLANK_IS_UNKNOWN else ''}CASE WHEN o.wins THEN coalesce({file}, {present})"
            f" ELSE coalesce({present}, {file}) END{', $$$$)' if name in BLANK_IS_UNKNOWN else ''} AS {name}"
        )
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
                   o.f_notes || coalesce(x.notes, '{{}}') || CASE WHEN o.check_lines THEN ARRAY['check_lines'] ELSE '{{}}' END
               ) n)::varchar[] AS notes,
               NULL::numeric AS goods_paid, NULL::int AS pieces, 0 AS line_count, ''::varchar AS titles
        FROM (SELECT *, recency IN ('new', 'newer') OR (recency = 'tie' AND $take_ties) AS wins FROM m_orders) o
        LEFT JOIN products_order x ON x.id = o.order_id
        """.replace("$$$$", "''"),
        take_ties="false" if run.source.keep_ties else "true",
    )
    run.run("CREATE UNIQUE INDEX ON m_final (number)")
    run.run("ANALYZE m_final")
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
    _split_paid(run)
    run.run(
        """
        UPDATE m_final f SET
            goods_paid = CASE WHEN f.line_count > 0 THEN g.goods
                              WHEN f.paid IS NOT NULL THEN greatest(0, f.paid - coalesce(f.postage, 0)) END,
            due_at = coalesce(f.due_at, CASE WHEN f.kind = 'sale' THEN f.paid_at + make_interval(hours => $ship_hours) END),
            notes = CASE WHEN f.paid IS NOT NULL THEN array_remove(f.notes, 'paid_unknown') ELSE f.notes END
        FROM m_final n
        LEFT JOIN (SELECT number, sum(paid) FILTER (WHERE kind = 'goods') AS goods FROM m_all GROUP BY number) g USING (number)
        WHERE n.number = f.number
        """
    )


def _split_paid(run: _Cursor) -> None:
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


def _refunds(run: _Cursor) -> None:
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
    run.run(
        f"""
        CREATE TEMP TABLE m_refunds ON COMMIT DROP AS
        SELECT s.refund_number AS number, x.id AS refund_id, s.row_no, s.refund_order AS order_number,
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
            SELECT l.order_id, l.id AS line_id FROM products_orderline l JOIN products_order o ON o.id = l.order_id
            WHERE l.key = s.refund_order AND l.key NOT LIKE '#%' AND o.channel_id = $channel LIMIT 1
        ) byline ON true
        LEFT JOIN products_order byorder ON byorder.channel_id = $channel AND byorder.number = s.refund_order
        """,
        rank_r=_rank("s.refund_state", REFUND_RANK),
        rank_x=_rank("r.state", REFUND_RANK),
    )
    run.run("CREATE UNIQUE INDEX ON m_refunds (number)")
    run.run("ANALYZE m_refunds")


_ORDER_COLUMNS: Final = ("kind", "state", *ORDER_VALUES, *DERIVED, "notes")


def _differs(left: str, right: str, names: Collection[str]) -> str:
    return (
        f"({', '.join(f'{left}.{name}' for name in names)}) IS DISTINCT FROM"
        f" ({', '.join(f'{right}.{name}' for name in names)})"
    )


_LINE_COLUMNS: Final = (
    "key", "kind", "attributes", "quantity", "unit_price", "amount", "paid", "given_paid", "stated_refund", "state",
)  # fmt: skip
_REFUND_COLUMNS: Final = (
    "order_number", "order_id", "line_id", "buyer_key", "amount", "state", "platform_state", "kind", "reason",
    "province", "requested_at", "done_at", "due_at",
)  # fmt: skip


def _counts(run: _Cursor) -> dict[str, int]:
    changed = _differs("f", "x", _ORDER_COLUMNS)
    row = run.one(
        f"""
        SELECT count(*), count(*) FILTER (WHERE x.id IS NULL),
               count(*) FILTER (WHERE x.id IS NOT NULL AND (c.changed OR coalesce(l.changed, 0) + coalesce(l.added, 0) > 0)),
               count(*) FILTER (WHERE x.id IS NOT NULL AND f.recency = 'tie' AND c.changed),
               coalesce(sum(l.added), 0), coalesce(sum(l.changed), 0),
               count(*) FILTER (WHERE f.notes @> ARRAY['check_lines']::varchar[])
        FROM m_final f
        LEFT JOIN products_order x ON x.id = f.order_id
        CROSS JOIN LATERAL (SELECT {changed}) c (changed)
        LEFT JOIN (
            SELECT a.number, count(*) FILTER (WHERE y.id IS NULL) AS added,
                   count(*) FILTER (WHERE y.id IS NOT NULL AND {_differs("a", "y", _LINE_COLUMNS)}) AS changed
            FROM m_all a LEFT JOIN products_orderline y ON y.id = a.line_id GROUP BY a.number
        ) l ON l.number = f.number
        """
    )
    names = ("orders", "new", "changed", "tie_changed", "lines_new", "lines_changed", "check_lines")
    counts = {name: int(value) for name, value in zip(names, row, strict=True)}
    counts["equal"] = counts["orders"] - counts["new"] - counts["changed"]
    refunds = run.one(
        f"""
        SELECT count(*), count(*) FILTER (WHERE x.id IS NULL),
               count(*) FILTER (WHERE x.id IS NOT NULL AND {_differs("r", "x", _REFUND_COLUMNS)}),
               count(*) FILTER (WHERE r.order_id IS NULL)
        FROM m_refunds r LEFT JOIN products_refund x ON x.id = r.refund_id
        """
    )
    names = ("refunds", "refunds_new", "refunds_changed", "refunds_without_order")
    return counts | {name: int(value) for name, value in zip(names, refunds, strict=True)}


def apply(source: Source, now: datetime) -> None:
    """Write what :func:`prepare` computed; call it in the same transaction, inside ``acting``.

    Raises nothing of its own: what the tables refuse was refused as a row before.
    """
    run = _Cursor(source, now)
    _mark_days(run, "before")
    _write_items(run)
    _write_orders(run)
    _write_lines(run)
    _write_contacts(run)
    _write_shipments(run)
    _write_refunds(run)
    _write_summary_refunds(run)
    _mark_days(run, "after")
    _widen_channel(run)


def _write_items(run: _Cursor) -> None:
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


def _write_orders(run: _Cursor) -> None:
    names = ", ".join(_ORDER_COLUMNS)
    run.run(
        f"""
        UPDATE products_order x SET ({names}, source_time, batch_id, updated_at)
             = ROW ({", ".join(f"f.{name}" for name in _ORDER_COLUMNS)}, f.source_time, $batch, %(now)s)
        FROM m_final f
        WHERE x.id = f.order_id AND {_differs("f", "x", _ORDER_COLUMNS)}
        """
    )
    run.run("UPDATE products_order x SET source_time = f.source_time FROM m_final f WHERE x.id = f.order_id AND f.source_time > x.source_time")
    run.run(
        f"""
        WITH made AS (
            INSERT INTO products_order (channel_id, number, {names}, source_time, refunded, batch_id, row_no, updated_at)
            SELECT $channel, f.number, {", ".join(f"f.{name}" for name in _ORDER_COLUMNS)}, f.source_time, 0, $batch, f.row_no, %(now)s
            FROM m_final f WHERE f.order_id IS NULL ORDER BY f.row_no
            RETURNING id, number
        )
        UPDATE m_final f SET order_id = made.id FROM made WHERE made.number = f.number
        """
    )
    run.run("ANALYZE m_final")


def _write_lines(run: _Cursor) -> None:
    names = ", ".join(_LINE_COLUMNS)
    values = ", ".join(f"a.{name}" for name in _LINE_COLUMNS)
    run.run(
        f"""
        UPDATE products_orderline x SET ({names}, item_id, title, batch_id)
             = ROW ({values}, coalesce(i.item_id, x.item_id), left(a.title, 300), $batch)
        FROM m_all a JOIN m_items i ON i.code = a.code
        WHERE x.id = a.line_id AND a.row_no IS NOT NULL
          AND ({_differs("a", "x", _LINE_COLUMNS)} OR x.item_id <> i.item_id)
        """
    )
    run.run(
        f"""
        UPDATE products_orderline x SET paid = a.paid, batch_id = $batch
        FROM m_all a WHERE x.id = a.line_id AND a.row_no IS NULL AND x.paid IS DISTINCT FROM a.paid
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


def _write_contacts(run: _Cursor) -> None:
    """Unmasked over masked, never the reverse; compared by keyed hash and mask, because ciphers differ each time."""
    run.run(
        """
        CREATE TEMP TABLE m_contacts ON COMMIT DROP AS
        SELECT f.order_id, s.name_cipher AS name, coalesce(s.name_mask, '') AS name_mask,
               s.phone_cipher AS phone, s.phone_digest, coalesce(s.phone_tail, '') AS phone_tail,
               coalesce(s.phone_mask, '') AS phone_mask, s.email_cipher AS email, s.email_digest,
               coalesce(s.email_mask, '') AS email_mask, s.address_cipher AS address
        FROM m_file s JOIN m_final f ON f.number = s.order_number
        WHERE s.name_mask <> '' OR s.phone_mask <> '' OR s.email_mask <> '' OR s.address_cipher IS NOT NULL
        """
    )
    run.run(
        """
        UPDATE products_ordercontact x SET
            name = CASE WHEN x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL THEN coalesce(c.name, x.name) ELSE x.name END,
            name_mask = CASE WHEN x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL THEN c.name_mask ELSE x.name_mask END,
            phone = CASE WHEN $phone_wins THEN c.phone ELSE x.phone END,
            phone_digest = CASE WHEN $phone_wins THEN c.phone_digest ELSE x.phone_digest END,
            phone_tail = CASE WHEN $phone_wins THEN c.phone_tail ELSE x.phone_tail END,
            phone_mask = CASE WHEN $phone_wins THEN c.phone_mask ELSE x.phone_mask END,
            email = CASE WHEN $email_wins THEN c.email ELSE x.email END,
            email_digest = CASE WHEN $email_wins THEN c.email_digest ELSE x.email_digest END,
            email_mask = CASE WHEN $email_wins THEN c.email_mask ELSE x.email_mask END,
            address = coalesce(x.address, c.address)
        FROM m_contacts c
        WHERE x.order_id = c.order_id
          AND ($phone_wins OR $email_wins OR x.address IS NULL AND c.address IS NOT NULL
               OR c.name_mask <> '' AND (x.name_mask = '' OR x.name IS NULL AND c.name IS NOT NULL))
        """,
        phone_wins="(c.phone_mask <> '' AND (x.phone_mask = '' OR c.phone_digest IS NOT NULL AND x.phone_digest IS DISTINCT FROM c.phone_digest))",
        email_wins="(c.email_mask <> '' AND (x.email_mask = '' OR c.email_digest IS NOT NULL AND x.email_digest IS DISTINCT FROM c.email_digest))",
    )
    run.run(
        """
        INSERT INTO products_ordercontact (order_id, name, name_mask, phone, phone_digest, phone_tail, phone_mask, email,
                                           email_digest, email_mask, address)
        SELECT order_id, name, left(name_mask, 64), phone, phone_digest, left(phone_tail, 4), left(phone_mask, 32), email,
               email_digest, left(email_mask, 80), address
        FROM m_contacts c WHERE NOT EXISTS (SELECT FROM products_ordercontact x WHERE x.order_id = c.order_id)
        ORDER BY order_id
        """
    )


def _write_shipments(run: _Cursor) -> None:
    run.run(
        """
        CREATE TEMP TABLE m_shipments ON COMMIT DROP AS
        SELECT f.order_id, s.waybill, min(coalesce(s.courier, '')) AS courier, min(s.shipped_at) AS shipped_at
        FROM $stage s JOIN m_final f ON f.number = s.order_number
        WHERE s.waybill <> '' GROUP BY 1, 2
        """
    )
    run.run(
        """
        UPDATE products_shipment x SET courier = coalesce(nullif(x.courier, ''), m.courier),
               shipped_at = coalesce(x.shipped_at, m.shipped_at), batch_id = $batch
        FROM m_shipments m
        WHERE x.order_id = m.order_id AND x.waybill = m.waybill
          AND (x.courier = '' AND m.courier <> '' OR x.shipped_at IS NULL AND m.shipped_at IS NOT NULL)
        """
    )
    run.run(
        """
        INSERT INTO products_shipment (order_id, waybill, courier, shipped_at, batch_id)
        SELECT order_id, waybill, courier, shipped_at, $batch FROM m_shipments m
        WHERE NOT EXISTS (SELECT FROM products_shipment x WHERE x.order_id = m.order_id AND x.waybill = m.waybill)
        ORDER BY order_id, waybill
        """
    )


_COUNTED_AT: Final = """CASE WHEN r.state = 'success' THEN coalesce(r.done_at, o.paid_at, o.created_at) END"""


def _write_refunds(run: _Cursor) -> None:
    run.run("UPDATE m_refunds r SET order_id = f.order_id FROM m_final f WHERE r.order_id IS NULL AND f.number = r.order_number")
    names = ", ".join(_REFUND_COLUMNS)
    values = ", ".join(
        f"coalesce(r.{name}, '')" if name == "order_number" else f"r.{name}" for name in _REFUND_COLUMNS
    )
    noted = (
        "CASE WHEN r.state = 'success' AND r.done_at IS NULL AND r.order_id IS NOT NULL"
        " THEN ARRAY['day_from_order'] ELSE '{}' END::varchar[]"
    )
    run.run(
        f"""
        UPDATE products_refund x SET ({names}, counted_at, notes, source_time, batch_id, updated_at)
             = ROW ({values}, {_COUNTED_AT}, {noted}, r.source_time, $batch, %(now)s)
        FROM m_refunds r LEFT JOIN products_order o ON o.id = r.order_id
        WHERE x.id = r.refund_id AND ({_differs("r", "x", _REFUND_COLUMNS)} OR x.counted_at IS DISTINCT FROM {_COUNTED_AT})
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
    # Refunds that came before their order find it now.
    run.run(
        """
        UPDATE products_refund r SET order_id = f.order_id,
               counted_at = CASE WHEN r.state = 'success' THEN coalesce(r.done_at, f.paid_at, f.created_at) END,
               notes = CASE WHEN r.state = 'success' AND r.done_at IS NULL THEN ARRAY['day_from_order'] ELSE r.notes END
        FROM m_final f
        WHERE r.channel_id = $channel AND r.order_id IS NULL AND r.order_number <> '' AND r.order_number = f.number
        """
    )
    run.run(
        """
        UPDATE products_refund r SET order_id = f.order_id, line_id = l.id,
               counted_at = CASE WHEN r.state = 'success' THEN coalesce(r.done_at, f.paid_at, f.created_at) END
        FROM m_final f JOIN products_orderline l ON l.order_id = f.order_id
        WHERE r.channel_id = $channel AND (r.order_id IS NULL OR r.line_id IS NULL) AND r.order_number <> ''
          AND l.key = r.order_number AND l.key NOT LIKE '#%'
        """
    )
    run.run(
        """
        INSERT INTO products_refundline (refund_id, position, item_id, kind, quantity, amount, is_split, row_no)
        SELECT r.refund_id, row_number() OVER (PARTITION BY s.refund_number ORDER BY s.row_no), i.item_id,
               coalesce(s.line_kind, 'goods'), coalesce(s.quantity, s.refund_quantity, 0), coalesce(s.refund_amount, 0), false, s.row_no
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


def _write_summary_refunds(run: _Cursor) -> None:
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
               state = CASE WHEN r.amount > 0 THEN 'success' ELSE 'closed' END, batch_id = $batch, updated_at = %(now)s
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


def _split_refunds(run: _Cursor) -> None:
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
        INSERT INTO products_refundline (refund_id, position, item_id, kind, quantity, amount, is_split)
        SELECT refund_id, position, item_id, kind, quantity, amount, true FROM m_parts p
        WHERE NOT EXISTS (SELECT FROM products_refundline x WHERE x.refund_id = p.refund_id AND x.position = p.position)
        ORDER BY refund_id, position
        """
    )


def _mark_days(run: _Cursor, when: str) -> None:
    """Mark the store days whose roll-ups change: each order's creation and pay day, each refund's day."""
    if when == "before":
        run.run(
            f"""
            CREATE TEMP TABLE m_days ON COMMIT DROP AS
            SELECT x.id AS order_id, x.created_at, x.paid_at FROM m_final f JOIN products_order x ON x.id = f.order_id
            WHERE {_differs("f", "x", _ORDER_COLUMNS)} OR EXISTS (SELECT FROM m_all a WHERE a.number = f.number AND a.line_id IS NULL)
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


def _widen_channel(run: _Cursor) -> None:
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
    run.run(
        "UPDATE shopops_importbatch SET data_from = %(first)s, data_through = %(through)s WHERE id = $batch"
    )
