"""Counts of buyers are kept between pages, never beyond a change of what was bought."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.channels.models import Channel
from products.sales import sums
from products.sales.models import DirtyDay
from products.sales.refresh import rebuild, refresh
from shopops import clock
from tests.factories.orders import make_channel, make_customer, make_order

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, LAST = date(2026, 3, 20), date(2026, 3, 24)


def counted(shop):
    with CaptureQueriesContext(connection) as queries:
        found = sums.distinct_buyers(FIRST, LAST, [shop])
    return found, sum("products_buyerday s" in query["sql"] or "bought" in query["sql"] for query in queries)


def test_a_range_is_counted_once_until_somebody_buys():
    cache.clear()
    shop = make_channel("tmall")
    make_order(shop, created="2026-03-22 12:00", customer=make_customer("one"))
    make_order(shop, created="2026-03-26 12:00", customer=make_customer("later"))
    rebuild()
    first, again = counted(shop), counted(shop)

    make_order(shop, created="2026-03-23 12:00", customer=make_customer("two"))
    DirtyDay.objects.create(channel=Channel.objects.get(pk=shop.pk), day=date(2026, 3, 23), marked_at=clock.now())
    refresh()
    after = counted(shop)

    assert first == ((1, 0), 1)
    assert again == ((1, 0), 0)
    assert after == ((2, 0), 1)
