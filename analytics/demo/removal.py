"""Take the demo store away: all its rows go, all that was imported stays.

Each deleted row leaves a row of history, as everywhere. Orders somebody imported into a demo channel
stay with their goods and buyers; such a channel becomes an ordinary one.
"""

from datetime import datetime
from typing import Final

from django.db import connection

from analytics.demo.story import MARK

_MINE: Final = "batch_id IN (SELECT id FROM shopops_importbatch WHERE format_version = %(mark)s)"
_ORDERS: Final = f"SELECT id FROM products_order WHERE {_MINE}"
_DEMO: Final = "SELECT id FROM products_channel WHERE is_demo"
_STEPS: Final = (
    f"DELETE FROM products_refundline WHERE refund_id IN (SELECT id FROM products_refund WHERE {_MINE} OR order_id IN ({_ORDERS}))",
    f"DELETE FROM products_refund WHERE {_MINE} OR order_id IN ({_ORDERS})",
    f"DELETE FROM products_shipment WHERE order_id IN ({_ORDERS})",
    f"DELETE FROM products_ordercontact WHERE order_id IN ({_ORDERS})",
    f"DELETE FROM products_replacedcontact WHERE {_MINE} OR order_id IN ({_ORDERS})",
    f"DELETE FROM products_orderline WHERE order_id IN ({_ORDERS})",
    f"DELETE FROM products_order WHERE {_MINE}",
    f"DELETE FROM products_channelspan WHERE {_MINE}",
    # reports made of the demo's figures; the nights that are owed are made again
    ("CREATE TEMP TABLE demo_report ON COMMIT DROP AS SELECT DISTINCT report_id AS id FROM analytics_revision"
    " WHERE data_through ?| ARRAY(SELECT code::text FROM products_channel WHERE is_demo)"),
    "DELETE FROM analytics_mailing WHERE revision_id IN (SELECT r.id FROM analytics_revision r JOIN demo_report d ON d.id = r.report_id)",
    "DELETE FROM analytics_revision WHERE report_id IN (SELECT id FROM demo_report)",
    "DELETE FROM analytics_report WHERE id IN (SELECT id FROM demo_report)",
    # roll-ups of the demo's channels; where imported orders remain their days are marked below
    *(
        f"DELETE FROM products_{table} WHERE channel_id IN ({_DEMO})"
        for table in ("salesday", "skuday", "placehourday", "buyerday", "buyersofperiod", "dirtyday")
    ),
    # totals over all channels counted the demo only as long as no real channel had data
    ("DELETE FROM products_buyersofperiod WHERE channel_id IS NULL"
    " AND NOT EXISTS (SELECT FROM products_channel WHERE NOT is_demo AND data_through IS NOT NULL)"),
    ("CREATE TEMP TABLE demo_gone ON COMMIT DROP AS SELECT c.id FROM customers_customer c WHERE c.is_demo"
    " AND NOT EXISTS (SELECT FROM products_order o WHERE o.customer_id = c.id)"),
    ("DELETE FROM demo_gone g USING customers_customer c WHERE c.merged_into_id = g.id"
    " AND NOT EXISTS (SELECT FROM demo_gone x WHERE x.id = c.id)"),
    "DELETE FROM customers_merge WHERE kept_id IN (SELECT id FROM demo_gone) OR gone_id IN (SELECT id FROM demo_gone)",
    "DELETE FROM customers_customervalue WHERE customer_id IN (SELECT id FROM demo_gone)",
    "DELETE FROM customers_identity WHERE customer_id IN (SELECT id FROM demo_gone)",
    "DELETE FROM customers_customer WHERE id IN (SELECT id FROM demo_gone)",
    (f"DELETE FROM products_channelitem i WHERE {_MINE} AND NOT EXISTS (SELECT FROM products_orderline l WHERE l.item_id = i.id)"
    " AND NOT EXISTS (SELECT FROM products_refundline r WHERE r.item_id = i.id)"),
    "DELETE FROM products_sku k WHERE k.is_demo AND NOT EXISTS (SELECT FROM products_channelitem i WHERE i.sku_id = k.id)",
    "DELETE FROM products_product p WHERE p.is_demo AND NOT EXISTS (SELECT FROM products_sku k WHERE k.product_id = p.id)",
    (f"INSERT INTO products_dirtyday (channel_id, day, marked_at)"
    f" SELECT DISTINCT channel_id, (at AT TIME ZONE %(zone)s)::date, %(now)s::timestamptz FROM ("
    f" SELECT channel_id, unnest(ARRAY[created_at, paid_at]) AS at FROM products_order WHERE channel_id IN ({_DEMO})"
    f" UNION SELECT channel_id, counted_at FROM products_refund WHERE channel_id IN ({_DEMO})) d WHERE at IS NOT NULL"),
    ("DELETE FROM products_channel c WHERE c.is_demo AND NOT EXISTS (SELECT FROM products_channelitem i WHERE i.channel_id = c.id)"
    " AND NOT EXISTS (SELECT FROM products_order o WHERE o.channel_id = c.id)"
    " AND NOT EXISTS (SELECT FROM products_refund r WHERE r.channel_id = c.id)"),
    *(f"UPDATE {table} SET is_demo = false WHERE is_demo" for table in (
        "products_channel", "products_sku", "products_product", "customers_customer",
    )),
    ("UPDATE products_channel c SET data_from = o.first, data_through = o.through FROM ("
    " SELECT channel_id, min(created_at) AS first, max(greatest(created_at, paid_at, shipped_at, finished_at)) AS through"
    " FROM products_order GROUP BY 1) o WHERE o.channel_id = c.id AND c.data_from < o.first"),
    *(
        f"DELETE FROM products_{table} WHERE id IN (SELECT jsonb_array_elements_text(reading -> %(mark)s -> '{key}')::bigint"
        " FROM shopops_importbatch WHERE format_version = %(mark)s AND reading ? %(mark)s)"
        for table, key in (("salesplan", "plans"), ("daynote", "notes"))
    ),
    ("UPDATE products_channelitem SET batch_id = NULL WHERE batch_id IN"
    " (SELECT id FROM shopops_importbatch WHERE format_version = %(mark)s)"),
    ("UPDATE customers_customer SET batch_id = NULL WHERE batch_id IN"
    " (SELECT id FROM shopops_importbatch WHERE format_version = %(mark)s)"),
    f"DELETE FROM shopops_importreject WHERE {_MINE}",
    ("CREATE TEMP TABLE demo_upload ON COMMIT DROP AS SELECT DISTINCT upload_id AS id FROM shopops_importbatch"
    " WHERE format_version = %(mark)s"),
    "DELETE FROM shopops_importbatch WHERE format_version = %(mark)s",
    ("DELETE FROM shopops_upload u WHERE id IN (SELECT id FROM demo_upload)"
    " AND NOT EXISTS (SELECT FROM shopops_importbatch b WHERE b.upload_id = u.id)"),
    "DROP TABLE demo_gone, demo_upload, demo_report",
)  # fmt: skip


def remove_rows(now: datetime, zone: str) -> None:
    """Delete every row of the demo; call it inside ``acting``. Roll-ups of what stays are marked."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for step in _STEPS:
            cursor.execute(step, {"mark": MARK, "now": now, "zone": zone})
