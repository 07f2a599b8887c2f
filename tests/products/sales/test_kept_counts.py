"""Counts of buyers are kept between pages, never beyond a change of what was bought."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.channels.models import Channel
from products.orders.following import Stage
from products.sales import readying, steps, sums
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


def counts_of(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return sum("bought" in query["sql"] for query in queries)


def test_no_board_counts_after_an_import_nor_on_a_new_day(client_of, settings):
    cache.clear()
    shop, other = make_channel("tmall", currency="CNY"), make_channel("shopify", currency="USD")
    for channel in (shop, other):
        for days in (0, 3):
            day = clock.today() - timedelta(days=days)
            make_order(channel, created=f"{day} 00:00", customer=make_customer(f"{channel.code} {days}"))
    rebuild()
    manager = client_of("manager")
    addresses = [f"/?range={name}&compare={than}" for name in ("last7", "last_month") for than in ("year", "before")]
    cold = counts_of(manager, "/?range=last30&compare=before")

    (step,) = (step for step in steps.AFTER_IMPORT if step.stage == Stage.LATER)
    step.run([], None)
    ready = [counts_of(manager, address) for address in addresses]
    settings.CLOCK_SHIFT_SECONDS = 24 * 3600
    manager.force_login(manager.user, backend="shopops.accounts.backends.StaffBackend")  # a day idle logs out
    unready = [counts_of(manager, address) for address in addresses[:1]]
    readying.each_minute(now=clock.now())
    next_day = [counts_of(manager, address) for address in addresses]
    again = readying.make_ready()

    assert cold > 0
    assert unready > [0]
    assert ready == next_day == [0, 0, 0, 0]
    assert again == 0
