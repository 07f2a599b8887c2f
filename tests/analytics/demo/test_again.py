"""The same story gives the same store."""

from hashlib import sha256

import pytest
from django.db import connection

from analytics.demo import services
from analytics.demo.story import Story
from products.channels.models import Channel

# What a store says, by its own names: numbers of rows differ from time to time.
TOLD = (
    ("SELECT c.code, o.number, o.state, o.created_at, o.paid, o.refunded, o.titles, o.message, o.memo, o.city, u.name"
    " FROM products_order o JOIN products_channel c ON c.id = o.channel_id JOIN customers_customer u ON u.id = o.customer_id"),
    ("SELECT o.number, l.key, i.code, k.code, l.quantity, l.amount, l.paid FROM products_orderline l"
    " JOIN products_order o ON o.id = l.order_id JOIN products_channelitem i ON i.id = l.item_id"
    " LEFT JOIN products_sku k ON k.id = i.sku_id"),
    "SELECT number, order_number, state, amount, reason, requested_at, done_at, due_at FROM products_refund",
    "SELECT r.number, l.position, l.amount FROM products_refundline l JOIN products_refund r ON r.id = l.refund_id",
    "SELECT o.number, c.name_mask, c.phone_mask, encode(c.phone_digest, 'hex') FROM products_ordercontact c JOIN products_order o ON o.id = c.order_id",
    "SELECT o.number, s.waybill, s.courier FROM products_shipment s JOIN products_order o ON o.id = s.order_id",
    "SELECT u.name, i.scope, i.key FROM customers_identity i JOIN customers_customer u ON u.id = i.customer_id",
    "SELECT code, title, category, season, tag_price FROM products_product",
    "SELECT month, amount, weights::text FROM products_salesplan",
    "SELECT channel_code, counts::text, data_from, data_through FROM shopops_importbatch",
)


def told() -> str:
    """Return a hash of what the store says."""
    with connection.cursor() as cursor:
        text = []
        for query in TOLD:
            cursor.execute(query)
            text.append("\n".join(sorted(map(repr, cursor.fetchall()))))
    return sha256("\f".join(text).encode()).hexdigest()


@pytest.mark.django_db
def test_the_same_story_told_again_gives_the_same_store_and_another_seed_another(tiny):
    first = told()

    services.create(tiny)
    again = told()
    services.create(Story(8, "tiny", tiny.moment))

    assert again == first
    assert told() != first


@pytest.mark.django_db
def test_telling_again_replaces_the_store_that_is_there(tiny):
    services.create(tiny)

    assert Channel.objects.filter(is_demo=True).count() == 5
