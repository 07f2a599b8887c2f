"""The demo orders themselves: when, who, what, how paid and shipped. Each step is one statement over all orders."""

from typing import Final

from analytics.demo.chance import apportioned, array, quoted
from analytics.demo.files import HOUR_SLOTS
from analytics.demo.goods import SLOTS
from analytics.demo.story import Pen, Story
from analytics.demo.words import (
    COURIERS,
    MEMOS,
    MESSAGES,
    NICK_HEADS,
    NICK_TAILS,
    PLACES,
    PLATFORM_STATES,
    TALENTS,
)

PLACE_SLOTS: Final = 256
_SECONDS: Final = "* interval '1 second'"


def tell(pen: Pen, story: Story) -> None:
    """Make the tables ``demo_priced`` (orders) and ``demo_l`` (lines) with all they say before anybody regrets."""
    _begin(pen, story)
    _buyers(pen, story)
    _lines(pen, story)
    _money(pen, story)


def _begin(pen: Pen, story: Story) -> None:
    """Number the orders of each day and give them their second."""
    pen.keep(
        "demo_begin",
        f"""
        SELECT o.*, row_number() OVER (PARTITION BY o.shop ORDER BY o.created_at, o.n) AS nth,
               row_number() OVER (PARTITION BY o.batch_id ORDER BY o.created_at, o.n) + 1 AS row_no
        FROM (
            SELECT o.n, o.shop, s.channel_id, s.platform, s.code AS shop_code, s.ship_hours, s.refund_rate, s.as_of, o.busy,
                   o.day_price, o.month, b.batch_id, o.day,
                   (o.day + make_interval(hours => h.hour) + {story.below(3600, "second")} {_SECONDS})
                       AT TIME ZONE %(zone)s AS created_at
            FROM (
                SELECT t.first + g AS n, t.shop, t.day, t.part, t.hours, t.price AS day_price, t.busy, t.month
                FROM demo_slot t CROSS JOIN generate_series(0, t.count - 1) g
            ) o
            JOIN demo_shop s ON s.no = o.shop
            JOIN demo_batch b ON b.shop = o.shop AND b.part = o.part
            JOIN demo_hour h ON h.hours = o.hours AND h.slot = {story.below(HOUR_SLOTS, "hour")}
        ) o
        """,
    )


def _parent(story: Story, nth: str) -> str:
    """Return SQL for an earlier order of the channel that ``nth`` has its buyer from, itself for a new buyer."""
    key = f"(o.shop * 1000000000::bigint + {nth})"
    return (
        f"CASE WHEN {nth} < 5 OR {story.u('new', key)} < 0.55 THEN {nth}"
        f" ELSE 1 + floor(({nth} - 1) * (1 - power({story.u('parent', key)}, 2)))::bigint END"
    )


def _buyers(pen: Pen, story: Story) -> None:
    """Say who orders (some come back), from where, whether they pay, and when the parcel leaves."""
    places = [
        number
        for number, count in enumerate(apportioned([place[3] for place in PLACES], PLACE_SLOTS))
        for _ in range(count)
    ]
    pen.table(
        "demo_place",
        "slot int, province text, city text, districts text[]",
        [(slot, PLACES[no][0], PLACES[no][1], PLACES[no][2].split()) for slot, no in enumerate(places)],
    )
    nick = (
        f"{story.pick(NICK_HEADS, 'nick_head', 'o.buyer_no')} || {story.pick(NICK_TAILS, 'nick_tail', 'o.buyer_no')}"
        " || (o.buyer * 7919 + o.shop * 31) % 10000000"
    )
    pen.keep(
        "demo_who",
        f"""
        SELECT o.*, p.province, p.city, p.districts[1 + {story.below("cardinality(p.districts)", "district", "o.buyer_no")}] AS district,
               CASE WHEN o.platform = 'site' THEN 'U' || (100000 + o.buyer) ELSE {nick} END AS buyer_name
        FROM (
            SELECT o.*, c.buyer, o.shop * 1000000000::bigint + c.buyer AS buyer_no
            FROM demo_begin o
            CROSS JOIN LATERAL (SELECT {_parent(story, "o.nth")}) a (buyer)
            CROSS JOIN LATERAL (SELECT {_parent(story, "a.buyer")}) b (buyer)
            CROSS JOIN LATERAL (SELECT {_parent(story, "b.buyer")}) c (buyer)
        ) o
        JOIN demo_place p ON p.slot = {story.below(PLACE_SLOTS, "place", "o.buyer_no")}
        """,
    )
    recent = "o.created_at > o.as_of - interval '4 days'"
    pen.keep(
        "demo_plan",
        f"""
        SELECT o.*,
               CASE WHEN p.pay_at <= o.as_of THEN p.pay_at END AS paid_at, p.ship_secs,
               CASE WHEN {story.u("kind")} < 0.002 THEN 'exchange' WHEN {story.u("kind")} > 0.999 THEN 'gift' ELSE 'sale' END AS kind,
               {_number(story)} AS number
        FROM demo_who o
        CROSS JOIN LATERAL (
            SELECT CASE WHEN {story.u("pays")} < 0.93 OR {story.u("kind")} < 0.002 OR {story.u("kind")} > 0.999
                        THEN o.created_at + (CASE WHEN {story.u("pay_fast")} < 0.9 THEN 15 + 600 * power({story.u("pay_secs")}, 3)
                             ELSE 900 + 60000 * power({story.u("pay_secs")}, 2) END)::int {_SECONDS} END,
                   CASE WHEN {story.u("late")} < CASE WHEN {recent} THEN 0.07 ELSE 0.015 END
                        THEN 3600 * (o.ship_hours + 2 + 40 * {story.u("ship")})
                        ELSE 3600 * (1.5 + 0.9 * (o.ship_hours - 2) * power({story.u("ship")}, 1.6)) END::int
        ) p (pay_at, ship_secs)
        """,
    )


def _number(story: Story) -> str:
    """Return SQL for an order number as its platform writes them; unique by the scrambled part."""
    mixed = "((o.n * 7919 + 104729) % 100000000)"
    day = "to_char(o.day, 'YYMMDD')"
    return f"""CASE o.platform
        WHEN 'taobao' THEN '40' || {day} || lpad({mixed}::text, 8, '0') || lpad({story.below(100, "number")}::text, 2, '0') || '0'
        WHEN 'douyin' THEN '69' || {day} || lpad({mixed}::text, 8, '0') || lpad({story.below(1000, "number")}::text, 3, '0')
        WHEN 'jd' THEN '3' || lpad({mixed}::text, 8, '0') || lpad({story.below(1000, "number")}::text, 3, '0')
        WHEN 'pdd' THEN {day} || '-' || lpad({mixed}::text, 8, '0') || lpad({story.below(10_000_000, "number")}::text, 7, '0')
        ELSE 'QH' || to_char(o.day, 'YYYYMMDD') || lpad({mixed}::text, 8, '0') END"""


def _lines(pen: Pen, story: Story) -> None:
    """Fill the baskets: one to four pieces by the month's favourites, now and then a gift or a charge."""
    key = "(o.n * 8 + g)"
    slots = SLOTS if story.size != "tiny" else SLOTS // 4
    counts = [1] * 13 + [2] * 5 + [3] * 2 + [4]
    pen.keep(
        "demo_goods",
        f"""
        SELECT o.n, g AS position, 'goods'::text AS kind, i.item_id, i.title, i.attributes,
               CASE WHEN {story.u("quantity", key)} < 0.04 THEN 2 ELSE 1 END AS quantity,
               greatest(9, round(i.price * (p.price * o.day_price)::numeric))::numeric AS unit_price
        FROM demo_plan o
        CROSS JOIN LATERAL generate_series(1, {story.pick(counts, "lines")}) g
        JOIN demo_pick p ON p.month = o.month AND p.slot = {story.below(slots, "pick", key)}
        JOIN demo_item i ON i.shop = o.shop AND i.piece = p.piece
        """,
    )
    for kind, code, chance, price in (
        ("gift", "GIFT-PURSE", "o.busy AND {u} < 0.12", 0),
        ("charge", "POSTAGE", "{u} < 0.004", 10),
    ):
        pen.run(
            f"""
            INSERT INTO demo_goods
            SELECT o.n, {5 if kind == "gift" else 6}, '{kind}', i.id, i.title, '', 1, {price}
            FROM demo_plan o JOIN products_channelitem i ON i.channel_id = o.channel_id AND i.code = '{code}'
            WHERE {chance.format(u=story.u(kind))}
            """
        )
    pen.run("ANALYZE demo_goods")
    pen.keep(
        "demo_basket",
        """
        SELECT l.n, row_number() OVER (PARTITION BY l.n ORDER BY l.position) AS position, l.kind, l.item_id, l.title,
               l.attributes, l.quantity, l.unit_price, l.unit_price * l.quantity AS amount,
               l.kind IN ('goods', 'charge') AS counted
        FROM demo_goods l
        """,
    )
    pen.keep(
        "demo_sum",
        """
        SELECT n, count(*) AS line_count, sum(amount) AS amount, sum(quantity) FILTER (WHERE counted) AS pieces,
               bool_or(kind = 'charge') AS has_charge, count(*) FILTER (WHERE kind = 'goods') AS goods_lines,
               left(string_agg(title, '，' ORDER BY position) FILTER (WHERE position <= 6), 500) AS titles
        FROM demo_basket GROUP BY n
        """,
    )


def _money(pen: Pen, story: Story) -> None:
    """Price the order: coupons, the platform's part, postage; split what was paid over the lines to the cent."""
    pen.keep(
        "demo_priced",
        f"""
        SELECT o.*, d.discount_store, d.discount_platform, e.postage, e.payable,
               CASE WHEN o.paid_at IS NULL THEN 0 ELSE e.payable END AS paid,
               CASE WHEN o.paid_at IS NULL THEN NULL ELSE o.paid_at + o.ship_secs {_SECONDS} END AS ship_at,
               nextval('products_order_id_seq') AS id
        FROM (
            SELECT o.*, s.line_count, s.amount, s.pieces, s.has_charge, s.goods_lines, s.titles
            FROM demo_plan o JOIN demo_sum s USING (n) ORDER BY o.created_at, o.n
        ) o
        CROSS JOIN LATERAL (
            SELECT CASE WHEN o.kind <> 'sale' THEN o.amount
                        WHEN o.amount >= 199 AND {story.u("coupon")} < 0.4
                        THEN CASE WHEN o.amount >= 599 THEN 60 WHEN o.amount >= 399 THEN 30 ELSE 15 END
                        ELSE 0 END::numeric,
                   CASE WHEN o.kind <> 'sale' THEN 0
                        WHEN o.busy AND o.amount >= 300 THEN 30 * floor(o.amount / 300)
                        WHEN {story.u("bonus")} < 0.3 THEN round(o.amount * (0.02 * {story.u("bonus_share")})::numeric, 2)
                        ELSE 0 END::numeric
        ) d (discount_store, discount_platform)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN o.kind <> 'sale' OR o.has_charge THEN 0
                        WHEN o.platform = 'site' THEN CASE WHEN o.amount < 299 THEN 12 ELSE 0 END
                        WHEN {story.u("postage")} < 0.05 THEN 8 ELSE 0 END::numeric
        ) f (postage)
        CROSS JOIN LATERAL (
            SELECT f.postage, o.amount - d.discount_store - d.discount_platform + f.postage
        ) e (postage, payable)
        """,
    )
    pen.keep(
        "demo_l",
        """
        SELECT nextval('products_orderline_id_seq') AS id, w.n, w.order_id, w.position, w.kind, w.item_id, w.attributes, w.quantity, w.unit_price, w.amount, w.line_count,
               CASE WHEN w.counted THEN w.share + CASE WHEN w.by_rest <= w.missing THEN 0.01 ELSE 0 END END AS paid
        FROM (
            SELECT b.*, row_number() OVER (PARTITION BY b.n ORDER BY b.exact - b.share DESC, b.position) AS by_rest,
                   (b.total - sum(b.share) OVER (PARTITION BY b.n)) / 0.01 AS missing
            FROM (
                SELECT l.*, o.id AS order_id, o.paid - o.postage * (o.paid_at IS NOT NULL)::int AS total, o.line_count,
                       x.exact, floor(x.exact / 0.01) * 0.01 AS share
                FROM demo_basket l JOIN demo_priced o USING (n)
                CROSS JOIN LATERAL (
                    SELECT CASE WHEN l.counted AND o.amount > 0
                                THEN l.amount * (o.paid - o.postage * (o.paid_at IS NOT NULL)::int) / o.amount ELSE 0 END
                ) x (exact)
            ) b
            ORDER BY b.order_id, b.position
        ) w
        """,
    )


def write_orders(pen: Pen, story: Story) -> None:
    """Put the told orders, once ``demo_r`` says what became of them, into the store's tables."""
    words = " ".join(
        f"WHEN '{platform}' THEN CASE o.state {' '.join(f'WHEN {quoted(s)} THEN {quoted(w)}' for s, w in states.items())} END"
        for platform, states in PLATFORM_STATES.items()
    )
    pen.run(
        f"""
        INSERT INTO products_order (id, channel_id, number, kind, state, platform_state, customer_id, buyer, buyer_key, created_at,
            paid_at, shipped_at, finished_at, closed_at, due_at, source_time, payable, paid, received, postage, discount_store,
            discount_platform, goods_paid, refunded, pieces, line_count, titles, province, city, district, message, memo, flag,
            talent, notes, batch_id, row_no, updated_at)
        SELECT o.id, o.channel_id, o.number, o.kind, o.state, CASE o.platform {words} END, o.customer_id, o.buyer_name,
            'id:' || o.buyer_name, o.created_at, o.paid_at, o.shipped_at, o.finished_at, o.closed_at,
            CASE WHEN o.kind = 'sale' THEN o.paid_at + make_interval(hours => o.ship_hours) END, o.source_time,
            o.payable, o.paid, CASE WHEN o.finished_at IS NOT NULL AND o.platform = 'taobao' THEN o.paid - o.refunded END,
            o.postage, o.discount_store, o.discount_platform, o.goods_paid, o.refunded, o.pieces, o.line_count, o.titles,
            o.province, o.city, o.district,
            CASE WHEN {story.u("message")} < 0.05 THEN {story.pick(MESSAGES, "second")} ELSE '' END,
            CASE WHEN {story.u("memo")} < 0.07 THEN {story.pick(MEMOS, "hour")} ELSE '' END,
            CASE WHEN {story.u("memo")} < 0.07 THEN {story.pick(["红色", "红色", "黄色", "绿色", "蓝色", "紫色"], "flag")} ELSE '' END,
            CASE WHEN o.platform = 'douyin' AND {story.u("talent")} < 0.55 THEN {story.pick(TALENTS, "talent", "o.n + 7")} ELSE '' END,
            '{{}}', o.batch_id, o.row_no, %(moment)s
        FROM demo_o o ORDER BY o.id
        """
    )
    pen.run(
        """
        INSERT INTO products_orderline (id, order_id, key, position, kind, item_id, title, attributes, quantity, unit_price, amount,
                                        paid, state, batch_id, row_no)
        SELECT l.id, l.order_id,
               CASE WHEN o.platform <> 'taobao' THEN '#' || l.position
                    WHEN l.line_count = 1 THEN o.number ELSE (o.number::numeric + l.position)::text END,
               l.position, l.kind, l.item_id, '', l.attributes, l.quantity, l.unit_price, l.amount, l.paid, '', o.batch_id, o.row_no
        FROM demo_l l JOIN demo_o o ON o.id = l.order_id ORDER BY l.id
        """
    )
    _write_parcels(pen, story)
    _write_contacts(pen, story)


def _write_parcels(pen: Pen, story: Story) -> None:
    names, prefixes = array([name for name, _ in COURIERS]), array([prefix for _, prefix in COURIERS])
    pen.run(
        f"""
        INSERT INTO products_shipment (order_id, waybill, courier, shipped_at, batch_id)
        SELECT o.id, ({prefixes})[c.no] || lpad(((o.n * 60013 + g * 499979) % 100000000000)::text, 12, '0'), ({names})[c.no],
               o.shipped_at, o.batch_id
        FROM demo_o o
        CROSS JOIN LATERAL (SELECT 1 + {story.below(len(COURIERS), "courier")}) c (no)
        CROSS JOIN LATERAL generate_series(1, CASE WHEN o.line_count > 1 AND {story.u("parcels")} < 0.05 THEN 2 ELSE 1 END) g
        WHERE o.shipped_at IS NOT NULL
        ORDER BY o.id, g
        """
    )


def _write_contacts(pen: Pen, story: Story) -> None:
    """Most receivers come masked, as exports give them; one in eight in full."""
    pen.run(
        f"""
        INSERT INTO products_ordercontact (order_id, name, name_mask, phone, phone_digest, phone_tail, phone_mask, email_mask, address,
                                           batch_id)
        SELECT o.id, CASE WHEN p.plain THEN c.name END, c.name_mask, CASE WHEN p.plain THEN c.phone END,
               CASE WHEN p.plain THEN c.phone_digest END, c.phone_tail, c.phone_mask, '', CASE WHEN p.plain THEN c.address END,
               o.batch_id
        FROM demo_o o
        CROSS JOIN LATERAL (SELECT {story.u("plain", "o.buyer_no")} < 0.12) p (plain)
        JOIN demo_contact c ON c.no = {story.below("(SELECT count(*) FROM demo_contact)", "contact", "o.buyer_no")}
        ORDER BY o.id
        """
    )
