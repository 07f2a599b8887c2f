"""Once a real channel has data, lists leave the demo's rows out, as totals do; a filter shows them."""

import pytest
from django.db.models.functions import Upper

from products.channels.models import Channel
from products.orders.models import Order
from products.refunds.models import Refund
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_item, make_order, make_sku

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client_of):
    return client_of("manager")


@pytest.fixture
def stores():
    demo, real = make_channel("qinghe-tmall", is_demo=True), make_channel("tb")
    with acting(SYSTEM):
        for shop, number in ((demo, "D1"), (real, "R1")):
            order = make_order(shop, number=number)
            Refund.objects.create(channel=shop, number=f"{number}-back", order=order, amount="1.00", state="open")
    return demo, real


def has_data(real):
    with acting(SYSTEM):
        Channel.objects.filter(pk=real.pk).update(data_through=Order.objects.get(number="R1").created_at)


def numbers(manager, path):
    return sorted(line["row"].number for line in manager.get(path).context["lines"])


def test_until_a_real_channel_has_data_the_demo_stands_in_the_lists(manager, stores):
    assert numbers(manager, "/orders/") == ["D1", "R1"]
    assert "demo" not in [control["param"] for control in manager.get("/orders/").context["controls"]]


def test_then_lists_leave_it_out_and_a_filter_shows_it(manager, stores):
    has_data(stores[1])

    assert numbers(manager, "/orders/") == ["R1"]
    assert numbers(manager, "/orders/?demo=1") == ["D1"]
    assert numbers(manager, "/refunds/") == ["R1-back"]
    assert numbers(manager, "/refunds/?demo=1") == ["D1-back"]
    assert manager.get("/orders/").context["total_number"] == 1
    assert "demo" in [control["param"] for control in manager.get("/orders/").context["controls"]]


def test_who_asks_for_the_demos_channel_sees_it(manager, stores):
    has_data(stores[1])

    assert numbers(manager, "/orders/?channel=qinghe-tmall") == ["D1"]
    assert numbers(manager, "/refunds/?channel=qinghe-tmall") == ["D1-back"]


def test_the_sum_above_the_list_is_that_of_its_rows(manager, stores):
    has_data(stores[1])

    for path, orders in (("/orders/?payers=1", "1"), ("/orders/?demo=1", "1")):
        facts = manager.get(path).context["summary"]
        assert facts[0]["data"] == orders


def test_items_skus_and_customers_have_the_filter_too(manager, stores):
    has_data(stores[1])

    for path in ("/catalogue/items/", "/catalogue/skus/", "/customers/"):
        response = manager.get(path)
        assert response.status_code == 200, path
        assert "demo" in [control["param"] for control in response.context["controls"]], path
        assert manager.get(f"{path}?demo=1").status_code == 200


def found(manager, text):
    return {hit.title for _finder, hits in manager.get(f"/search/?q={text}").context["groups"] for hit in hits}


def test_the_palette_leaves_the_demo_out_as_lists_do(manager, stores):
    Refund.objects.update(number=Upper("number"))  # as platforms write them
    for shop in stores:
        make_item(shop, f"ITEM-{shop.code}", title=f"Linen {shop.code}")
        make_sku(f"SKU-{shop.code}", is_demo=shop.is_demo)
    texts = ["D1", "R1", "D1-BACK", "R1-BACK", "Linen", "SKU-"]
    before = [found(manager, text) for text in texts]
    has_data(stores[1])
    after = [found(manager, text) for text in texts]

    assert before[:4] == [{"D1"}, {"R1"}, {"D1", "D1-BACK"}, {"R1", "R1-BACK"}]
    assert before[4] == {"Linen qinghe-tmall", "Linen tb"}
    assert before[5] == {"SKU-qinghe-tmall", "SKU-tb"}
    assert after == [set(), {"R1"}, set(), {"R1", "R1-BACK"}, {"Linen tb"}, {"SKU-tb"}]
