"""A store of any size, made set-based in SQL: two channels, 400 items, buyers who come back, a tenth refunded."""

from datetime import date, timedelta
from typing import Final

from django.apps import apps
from django.db import connection

from products.channels.models import Channel
from products.sales.refresh import refresh_all
from shopops import clock
from shopops.history.actor import SYSTEM, acting

PER_DAY: Final = 5500
LAST: Final = date(2026, 6, 30)
_ORDERS: Final = """
    INSERT INTO products_order (channel_id, number, kind, state, platform_state, buyer, buyer_key, created_at, paid_at,
        due_at, source_time, payable, paid, refunded, goods_paid, pieces, line_count, titles, province, city, district, message,
        memo, flag, talent, notes, customer_id, updated_at)
    SELECT %(channel)s + n %% 2, 'B' || lpad(n::text, 9, '0'), 'sale', CASE WHEN n %% 20 = 0 THEN 'closed_unpaid' ELSE 'finished' END, '',
           '买家' || b.id, 'id:' || b.id, t.at, CASE WHEN n %% 20 <> 0 THEN t.at + interval '1 minute' END, NULL, t.at,
           m.money, CASE WHEN n %% 20 <> 0 THEN m.money ELSE 0 END, CASE WHEN n %% 10 = 3 THEN m.money / 2 ELSE 0 END,
           m.money, 2, 2, '', (ARRAY['浙江省', '江苏省', '广东省', '上海市', '北京市'])[1 + n %% 5], '', '', '', '', '', '', '{}',
           b.id, t.at
    FROM generate_series(%(from)s, %(to)s) n
    CROSS JOIN LATERAL (SELECT %(begin)s::timestamptz + n / %(per_day)s * interval '1 day'
                               + (n %% %(per_day)s) * (interval '15 hours' / %(per_day)s) AS at) t
    CROSS JOIN LATERAL (SELECT (50 + n %% 300)::numeric * 2 AS money) m
    CROSS JOIN LATERAL (SELECT %(buyer)s + (n::bigint * 7919) %% %(buyers)s AS id) b
"""
_LINES: Final = """
    INSERT INTO products_orderline (order_id, key, position, kind, item_id, title, attributes, quantity, unit_price, amount,
        paid, state)
    SELECT o.id, '#' || p, p, 'goods', %(item)s + (o.id * 31 + p * 7) %% 400, '', '', 1, o.payable / 2, o.payable / 2,
           CASE WHEN o.paid > 0 THEN o.paid / 2 END, ''
    FROM products_order o CROSS JOIN generate_series(1, 2) p WHERE o.channel_id >= %(channel)s
"""
_REFUNDS: Final = """
    INSERT INTO products_refund (channel_id, number, order_id, order_number, buyer_key, amount, state, platform_state, kind, reason,
        province, requested_at, done_at, counted_at, is_summary, notes, updated_at)
    SELECT o.channel_id, 'R' || o.number, o.id, o.number, o.buyer_key, o.refunded, 'success', '', 'money', '', o.province,
           o.paid_at + interval '1 day', o.paid_at + interval '2 days', o.paid_at + interval '2 days', false, '{}', o.paid_at
    FROM products_order o WHERE o.refunded > 0 AND o.paid_at IS NOT NULL
"""
_REFUND_LINES: Final = """
    INSERT INTO products_refundline (refund_id, position, item_id, kind, quantity, amount, is_split)
    SELECT r.id, l.position, l.item_id, 'goods', 0, r.amount / 2, true
    FROM products_refund r JOIN products_orderline l ON l.order_id = r.order_id
"""
_DIRTY: Final = """
    INSERT INTO products_dirtyday (channel_id, day, marked_at)
    SELECT DISTINCT channel_id, (at AT TIME ZONE %(zone)s)::date, %(now)s::timestamptz FROM (
        SELECT channel_id, unnest(ARRAY[created_at, paid_at]) AS at FROM products_order
        UNION ALL SELECT channel_id, counted_at FROM products_refund
    ) t WHERE at IS NOT NULL ON CONFLICT DO NOTHING
"""


def empty() -> None:
    """Take every business row away."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in {"products", "customers", "analytics"}
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"TRUNCATE {', '.join(tables)}, shopops_change, shopops_importbatch, shopops_importreject, shopops_upload, shopops_job, shopops_outbox RESTART IDENTITY CASCADE"
        )


def fill(days: int) -> int:
    """Make a store of ``days`` days up to LAST with its roll-ups; return its orders."""
    empty()
    orders, buyers = days * PER_DAY, max(1000, days * PER_DAY // 4)
    begin = clock.day_range(LAST - timedelta(days=days - 1))[0] + timedelta(hours=8)
    with acting(SYSTEM):
        shops = [
            Channel.objects.create(
                code=f"bench-{n}", title=f"Bench {n}", data_from=begin, data_through=clock.day_range(LAST)[1]
            )
            for n in (1, 2)
        ]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "INSERT INTO products_channelitem (channel_id, code, title, platform_item, is_goods, updated_at)"
                " SELECT %s, 'K' || lpad(n::text, 4, '0'), '衬衫 ' || n, '', true, %s FROM generate_series(0, 399) n RETURNING id",
                [shops[0].pk, clock.now()],
            )
            item = min(pk for (pk,) in cursor.fetchall())
            cursor.execute(
                "INSERT INTO customers_customer (name, is_demo, created_at, updated_at)"
                " SELECT '买家' || n, false, %(now)s, %(now)s FROM generate_series(1, %(n)s) n",
                {"now": clock.now(), "n": buyers},
            )
            cursor.execute("SELECT min(id) FROM customers_customer")
            values = {
                "channel": shops[0].pk, "from": 0, "to": orders - 1, "begin": begin, "per_day": PER_DAY,
                "buyer": cursor.fetchone()[0], "buyers": buyers, "item": item, "zone": clock.store_zone().key, "now": clock.now(),
            }  # fmt: skip
            for statement in (_ORDERS, _LINES, _REFUNDS, _REFUND_LINES, _DIRTY):
                cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    refresh_all()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return orders
