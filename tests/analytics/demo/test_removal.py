"""Taking the demo away leaves exactly what was there before."""

import pytest
from django.db import connection

from analytics.demo import services
from analytics.demo.story import Story, until
from analytics.quality.fingerprint import fingerprint
from products.channels.models import Channel
from products.sales.models import BuyersOfPeriod, SalesDay
from products.sales.refresh import rebuild
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from tests.analytics.demo.conftest import DAY
from tests.factories.orders import make_channel, make_customer, make_order, make_refund, make_sku, moment

BUSINESS = ("products_%", "customers_%", "analytics_%", "shopops_import%", "shopops_upload")
COMPUTED = {
    "products_salesday",
    "products_skuday",
    "products_placehourday",
    "products_buyerday",
    "products_buyersofperiod",
}


def contents() -> dict[str, str | None]:
    """Return a hash of every row of every business table, times and, but of roll-ups, row numbers included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE ANY (%s)", [list(BUSINESS)]
        )
        found = {}
        for (table,) in cursor.fetchall():
            row = "to_jsonb(t) - 'id'" if table in COMPUTED else "to_jsonb(t)"
            cursor.execute(f"SELECT md5(string_agg(({row})::text, '|' ORDER BY ({row})::text)) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


@pytest.fixture
def real(db):
    """What was imported before any demo came; the story of the demo to come."""
    shop = make_channel("own", data_through=moment("2026-03-25 00:00"))
    sku = make_sku("A1")
    order = make_order(
        shop, lines=[(sku.code, 2, "49.90"), ("B2", 1, "10")], customer=make_customer("小鹿"), waybill="78001"
    )
    make_refund(order, "10")
    rebuild()
    return Story(7, "tiny", until(DAY))


def test_removal_leaves_exactly_what_was_there_before(real):
    before, hash_before = contents(), fingerprint()

    services.create(real)
    assert fingerprint() != hash_before
    services.remove()

    assert contents() == before
    assert fingerprint() == hash_before


def test_totals_over_all_channels_go_with_a_demo_that_was_alone(db):
    services.create(Story(7, "tiny", until(DAY)))
    assert BuyersOfPeriod.objects.filter(channel=None).exists()

    services.remove()

    assert not BuyersOfPeriod.objects.exists()
    assert not SalesDay.objects.exists()


def test_orders_imported_into_a_demo_channel_stay_with_it(real):
    services.create(real)
    shop = Channel.objects.get(code="qinghe-jd")
    with acting(SYSTEM):
        order = make_order(shop, paid="59.90")

    services.remove()

    order.refresh_from_db()
    assert list(Channel.objects.filter(code__startswith="qinghe").values_list("code", "is_demo")) == [
        ("qinghe-jd", False)
    ]
    assert order.lines.count() == 1


def test_a_channel_of_somebody_else_with_a_demo_code_stops_it(real):
    make_channel("qinghe-pdd")

    with pytest.raises(Refused, match="qinghe-pdd"):
        services.create(real)
