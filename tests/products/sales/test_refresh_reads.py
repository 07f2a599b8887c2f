"""A day's figures are made from that day's orders: the lines of all other days are not looked at."""

import json
from datetime import date

from django.db import connection

from products.sales import refresh
from products.sales.models import DirtyDay, SkuDay
from shopops import clock
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel

ORDERS, LINES = 4000, 3  # an order every hour, so 24 of a day
FACTS = """
    INSERT INTO products_channelitem (id, channel_id, code, title, platform_item, is_goods, updated_at)
    VALUES (900001, %(shop)s, 'A', 'Dress', '', true, now());
    INSERT INTO products_order (id, channel_id, number, kind, state, platform_state, buyer, buyer_key, created_at, paid_at,
        paid, refunded, pieces, line_count, titles, province, city, district, message, memo, flag, talent, notes, updated_at)
    SELECT 900000 + n, %(shop)s, 'T' || n, 'sale', 'finished', '', '', '', '2026-01-01'::timestamptz + n * interval '1 hour',
           '2026-01-01'::timestamptz + n * interval '1 hour', 99, 0, %(lines)s, %(lines)s, '', '', '', '', '', '', '', '', '{}', now()
    FROM generate_series(1, %(orders)s) n;
    INSERT INTO products_orderline (order_id, position, key, kind, item_id, title, attributes, quantity, paid, state)
    SELECT o.id, n, '#' || n, 'goods', 900001, '', '', 1, 33, '' FROM products_order o, generate_series(1, %(lines)s) n
    WHERE o.channel_id = %(shop)s
"""


def lines_looked_at(node):
    own = 0
    if node.get("Relation Name") == "products_orderline":
        own = round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
    return own + sum(lines_looked_at(part) for part in node.get("Plans", ()))


def test_one_dirty_day_reads_its_own_lines(db):
    shop = make_channel("one")
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(FACTS, {"shop": shop.pk, "orders": ORDERS, "lines": LINES})
        cursor.execute("RESET ROLE")
        cursor.execute("ANALYZE products_order, products_orderline")
        cursor.execute("SET ROLE shopops_app")
    DirtyDay.objects.create(channel=shop, day=date(2026, 3, 1), marked_at=clock.now())
    looked_at = []

    def explained(execute, sql, params, many, context):
        if "products_orderline" not in sql:
            return execute(sql, params, many, context)
        execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params, many, context)  # runs it too
        (plan,) = context["cursor"].fetchone()
        plan = json.loads(plan) if isinstance(plan, str) else plan
        looked_at.append(lines_looked_at(plan[0]["Plan"]))
        return None

    with connection.execute_wrapper(explained):
        assert refresh.refresh() == 1

    assert SkuDay.objects.get().pieces == 24 * LINES
    assert len(looked_at) == 2  # charges, items
    assert max(looked_at) <= 24 * LINES
