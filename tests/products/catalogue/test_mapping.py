"""Which SKU an item of a channel is: by hand, or by making SKUs of the codes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.catalogue import services
from products.catalogue.models import ChannelItem, Sku
from shopops.history.versions import version_of
from tests.factories.orders import make_channel, make_item, make_sku

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(client_of):
    return client_of("planner")


def test_an_item_is_mapped_and_unmapped_by_the_skus_code_in_any_spelling(planner):
    sku, item = make_sku("QH-1"), make_item(make_channel(), "A1")

    planner.post(f"/catalogue/items/{item.pk}/map/", {"sku": " qh-1 ", "version": "0"})
    item.refresh_from_db()
    assert item.sku == sku

    planner.post(f"/catalogue/items/{item.pk}/map/", {"sku": "", "version": version_of(item)})
    item.refresh_from_db()
    assert item.sku is None


def test_an_unknown_sku_is_refused_and_nothing_changes(planner):
    item = make_item(make_channel(), "A1")

    assert planner.post(f"/catalogue/items/{item.pk}/map/", {"sku": "NOPE", "version": "0"}).status_code == 422
    item.refresh_from_db()
    assert item.sku is None


def test_who_saw_another_mapping_is_told_of_the_present_one(planner):
    first, second, item = make_sku("S1"), make_sku("S2"), make_item(make_channel(), "A1")
    planner.post(f"/catalogue/items/{item.pk}/map/", {"sku": "S1", "version": "0"})

    response = planner.post(f"/catalogue/items/{item.pk}/map/", {"sku": "S2", "version": "0"})

    assert response.status_code == 409
    assert "S1" in response.content.decode()
    item.refresh_from_db()
    assert item.sku == first != second


def test_skus_are_made_from_the_codes_of_unmapped_goods_only(planner):
    shop, other = make_channel("a"), make_channel("b")
    known = make_sku("KNOWN")
    make_item(shop, "NEW-1", title="Shirt")
    make_item(shop, "KNOWN")
    make_item(shop, "POST", is_goods=False)
    make_item(shop, "~abcdef")
    make_item(other, "NEW-1")

    planner.post("/catalogue/items/create-skus/", {"channel": "a"})

    assert set(Sku.objects.values_list("code", flat=True)) == {"KNOWN", "NEW-1"}
    mapped = {(item.channel.code, item.code): item.sku for item in ChannelItem.objects.all()}
    assert mapped[("a", "KNOWN")] == known
    assert mapped[("a", "NEW-1")].title == "Shirt"
    assert mapped[("a", "POST")] is mapped[("a", "~abcdef")] is mapped[("b", "NEW-1")] is None


def test_making_them_twice_makes_them_once(planner):
    item = make_item(make_channel(), "NEW-1")

    assert services.create_skus([item.pk, item.pk], by=planner.user) == (1, 1)
    assert services.create_skus([item.pk], by=planner.user) == (0, 0)


@pytest.mark.parametrize("url", ["/catalogue/items/", "/catalogue/skus/"])
def test_lists_cost_the_same_queries_for_25_and_100_rows(planner, url):
    shop = make_channel()
    for number in range(101):
        make_item(shop, f"I{number}", sku=make_sku(f"S{number}"))

    counts = []
    for size in (25, 100):
        with CaptureQueriesContext(connection) as found:
            assert len(planner.get(f"{url}?size={size}").context["lines"]) == size
        counts.append(len(found))

    assert counts[0] == counts[1] <= 12


def test_who_only_sees_goods_maps_nothing(client_of):
    item, designer = make_item(make_channel(), "A1"), client_of("designer")

    assert designer.get(f"/catalogue/items/{item.pk}/").status_code == 200
    assert designer.post(f"/catalogue/items/{item.pk}/map/", {"sku": "X"}).status_code == 403
    assert designer.post("/catalogue/items/create-skus/").status_code == 403
    assert services.AT_MOST == 5000


@pytest.mark.parametrize(("role", "shown"), [("planner", True), ("designer", False)])
def test_the_way_to_the_orders_of_an_item_and_sku_is_shown_to_who_may_read_orders(client_of, role, shown):
    item, sku, client = make_item(make_channel(), "A1"), make_sku("QH-1"), client_of(role)

    for path in (f"/catalogue/items/{item.pk}/", f"/catalogue/skus/{sku.pk}/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert ("Orders with it" in answer.content.decode()) is shown, path
