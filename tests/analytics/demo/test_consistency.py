"""The demo's money and states add up as those of an import do."""

import pytest

pytestmark = pytest.mark.usefixtures("tiny")

PAID_OF_LINES = """
    SELECT o.number, o.paid, l.paid FROM products_order o
    JOIN (
        SELECT order_id, sum(paid) FILTER (WHERE kind IN ('goods', 'charge')) AS paid, bool_or(kind = 'charge') AS charged
        FROM products_orderline GROUP BY 1
    ) l ON l.order_id = o.id
    WHERE l.paid IS DISTINCT FROM o.paid - CASE WHEN l.charged THEN 0 ELSE least(o.postage, o.paid) END
"""
PAYABLE = """
    SELECT o.number FROM products_order o JOIN products_orderline l ON l.order_id = o.id
    GROUP BY o.id HAVING o.payable <> sum(l.amount) - o.discount_store - o.discount_platform + o.postage OR o.payable < 0
"""
REFUNDED = """
    SELECT o.number FROM products_order o
    LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM products_refund WHERE state = 'success' GROUP BY 1) r ON r.order_id = o.id
    WHERE o.refunded <> coalesce(r.amount, 0) OR o.refunded > o.paid
"""
REFUND_LINES = """
    SELECT r.number FROM products_refund r
    LEFT JOIN (SELECT refund_id, sum(amount) AS amount, min(amount) AS least FROM products_refundline GROUP BY 1) l ON l.refund_id = r.id
    WHERE r.state = 'success' AND (l.amount IS DISTINCT FROM r.amount OR l.least <= 0)
"""
DERIVED = """
    SELECT o.number FROM products_order o JOIN products_orderline l ON l.order_id = o.id
    GROUP BY o.id
    HAVING o.line_count <> count(*) OR o.goods_paid <> sum(l.paid) FILTER (WHERE l.kind = 'goods')
        OR o.pieces <> sum(l.quantity) FILTER (WHERE l.kind IN ('goods', 'charge'))
"""
DUE = """
    SELECT o.number FROM products_order o JOIN products_channel c ON c.id = o.channel_id
    WHERE o.due_at IS DISTINCT FROM CASE WHEN o.kind = 'sale' THEN o.paid_at + make_interval(hours => c.ship_hours) END
"""
STATES = """
    SELECT number FROM products_order
    WHERE (state IN ('unpaid', 'closed_unpaid')) <> (paid_at IS NULL)
       OR paid_at < created_at OR shipped_at < paid_at OR finished_at < shipped_at
       OR state = 'finished' AND finished_at IS NULL OR state = 'paid' AND shipped_at IS NOT NULL
       OR state = 'closed_refunded' AND refunded = 0
"""
PARCELS = """
    SELECT o.number FROM products_order o LEFT JOIN products_shipment s ON s.order_id = o.id
    WHERE (o.shipped_at IS NULL) <> (s.id IS NULL)
"""
VALUES = """
    SELECT v.customer_id FROM customers_customervalue v
    FULL JOIN (
        SELECT customer_id, count(*) AS orders, sum(paid) AS paid, sum(refunded) AS refunded FROM products_order
        WHERE kind = 'sale' AND paid > 0 GROUP BY 1
    ) o USING (customer_id)
    WHERE (v.orders, v.paid, v.refunded, v.net) IS DISTINCT FROM (o.orders, o.paid, o.refunded, o.paid - o.refunded)
"""
BUYERS = """
    SELECT o.number FROM products_order o JOIN products_channel c ON c.id = o.channel_id
    LEFT JOIN customers_identity i ON i.key = o.buyer_key
     AND i.scope = CASE WHEN c.platform = 'site' THEN 'channel:' || c.code ELSE c.platform END
    WHERE i.customer_id IS DISTINCT FROM o.customer_id
"""
FUTURE = """
    SELECT number FROM products_order
    WHERE greatest(created_at, paid_at, shipped_at, finished_at, closed_at) > timestamptz '2026-11-20 16:00Z'
"""
BATCHES = """
    SELECT o.number FROM products_order o LEFT JOIN shopops_importbatch b ON b.id = o.batch_id
    WHERE b.id IS NULL OR o.row_no IS NULL OR o.created_at NOT BETWEEN b.data_from AND b.data_through
"""


@pytest.mark.parametrize(
    "breach",
    [
        pytest.param(PAID_OF_LINES, id="lines add up to what was paid without postage"),
        pytest.param(PAYABLE, id="payable is goods less discounts plus postage"),
        pytest.param(REFUNDED, id="refunded is the sum of successful refunds, never above paid"),
        pytest.param(REFUND_LINES, id="a refund is split over goods without a rest"),
        pytest.param(DERIVED, id="pieces, lines and goods paid follow from the lines"),
        pytest.param(DUE, id="an order is due by its channel's hours"),
        pytest.param(STATES, id="states agree with times"),
        pytest.param(PARCELS, id="what was shipped has a waybill"),
        pytest.param(VALUES, id="a buyer's value is the sum of their orders"),
        pytest.param(BUYERS, id="each order belongs to the person its buyer id names"),
        pytest.param(FUTURE, id="nothing happens after the story's end"),
        pytest.param(BATCHES, id="each order names the file and row that brought it"),
    ],
)
def test_no_order_breaks_the_rule(ask, breach):
    assert ask(breach) == []


def test_a_planted_breach_is_found(ask):
    ask("SELECT set_config('shopops.actor', '0', true)")
    ask(
        "UPDATE products_order SET paid = paid + 0.01 WHERE id = (SELECT min(id) FROM products_order WHERE paid > 0) RETURNING 1"
    )

    assert len(ask(PAID_OF_LINES)) == 1
