"""Finding an order by what a person has in hand."""

import pytest
from django.urls import reverse

from customers.value.services import recompute
from products.orders.models import Order
from shopops.accounts.models import UserRole
from shopops.history.actor import SYSTEM, acting
from shopops.search.pieces import pieces_of, searched
from tests.factories.orders import make_channel, make_customer, make_item, make_order, make_refund, make_sku

pytestmark = pytest.mark.django_db


def found(text):
    return {order.number for order in Order.objects.all().found(text, None)}


@pytest.fixture
def order():
    shop = make_channel()
    sku = make_sku("QH2603-WH-M")
    make_item(shop, "A1", sku=sku, title="棉麻衬衫 云白 M")
    make_order(
        shop,
        lines=[("Z9", 1, "10")],
        number="99990000",
        buyer="somebody",
        phone_mask="139****1111",
        waybill="YT0000001",
    )
    return make_order(
        shop,
        lines=[("A1", 1, "50")],
        number="3268441566022078",
        buyer="小鹿乱撞",
        memo="换成公司地址，周五前",
        message="请尽快",
        phone_mask="138****6027",
        waybill="SF1402773319506",
    )


@pytest.mark.parametrize(
    "text",
    [
        "32684415",
        "3268441566022078",
        "小鹿",
        "鹿乱撞",
        "乱撞",
        "6027",
        "QH2603",
        "qh2603-wh-m",
        "A1",
        "棉麻",
        "衬衫 云白",
        "SF1402773319506",
        "sf14027",
        "公司地址",
        "尽快",
        " 小鹿 ",
    ],
)
def test_an_order_is_found_by_number_buyer_tail_sku_title_waybill_and_memo(order, text):
    assert found(text) == {order.number}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "%",
        "_",
        "%%%",
        "______",
        "\x00",
        "小%",
        "鹿撞",
        "'; --",
        "\\",
        "无人知晓",
        "x" * 10_000,
        "(a|b)*",
        "\ud800",
    ],
)
def test_hostile_and_unfitting_texts_find_nothing_and_break_nothing(order, text):
    assert found(text) == set()


def test_percent_and_underscore_are_letters_like_others(order):
    twin = make_order(order.channel, buyer="满100%减", lines=[("Z8", 1, "1")])
    make_order(order.channel, buyer="满100元减", lines=[("Z7", 1, "1")])

    assert found("100%") == {twin.number}


def test_a_text_of_one_character_finds_names_that_begin_with_it(order):
    assert found("小") == {order.number}
    assert found("鹿") == set()


def test_pieces_that_stand_apart_do_not_make_a_hit(order):
    make_order(order.channel, buyer="甲乙丙乙丁", lines=[("Z6", 1, "1")])

    assert pieces_of("甲乙丁") == ["乙丁", "甲乙"]
    assert found("甲乙丁") == set()


def test_full_width_and_capitals_do_not_matter(order):
    twin = make_order(order.channel, buyer="ＶＩＰ客户", lines=[("Z5", 1, "1")])

    assert searched("ＶＩＰ") == "vip"
    assert found("vip") == {twin.number}


def test_the_page_answers_a_search_of_anything(client_of, order):
    manager = client_of("manager")

    for text in ("%", "a" * 9000, "小鹿", "%F0%9F%92%A9"):
        assert manager.get(f"/orders/?q={text}").status_code == 200


def test_the_palette_finds_orders_with_masked_names(client_of, order):
    page = client_of("manager").get("/search/?q=小鹿", headers={"HX-Request": "true"}).content.decode()

    assert order.number in page
    assert "小鹿乱撞" not in page.replace('value="小鹿"', "")


@pytest.mark.parametrize(("role", "parts"), [("manager", True), ("service_agent", True), ("analyst", False)])
def test_a_masked_name_is_not_spelled_out_by_searching(client_of, role, parts):
    """Who may not uncover names finds the buyer they know by the whole name, and nobody by a part of one."""
    order = make_order(make_channel("a"), customer=make_customer("canarynick"), buyer="canarynick")
    recompute([order.customer_id])
    client = client_of(role)

    def hits(text):
        told = [
            client.get("/orders/", {"q": text}).content.decode(),
            client.get("/customers/", {"q": text}).content.decode(),
            client.get(reverse("search:palette"), {"q": text}).content.decode(),
        ]
        wanted = (f'/orders/{order.pk}/"', f'/customers/{order.customer_id}/"', f'/orders/{order.pk}/"')
        return [word in page for word, page in zip(wanted, told, strict=True)]

    assert [hits(text) for text in ("canary", "c", "anaryni", "canarynic")] == [
        [parts] * 3,
        [parts] * 3,
        [parts] * 3,
        [parts] * 3,
    ]
    assert hits("canarynick") == hits("CanaryNick") == [True] * 3


def test_who_sees_a_small_channel_finds_its_orders_behind_thousands_of_others(monkeypatch, client_of):
    """The candidates are limited, so the channels are applied to them, not to what is left of them."""
    monkeypatch.setattr("products.orders.search.CANDIDATES", 3)
    for name in ("customers.identity.queries", "products.catalogue.queries", "products.refunds.queries"):
        monkeypatch.setattr(f"{name}.FOUND_AT_MOST", 3)
    big, small = make_channel("big"), make_channel("small")
    told = {"buyer": "春风十里", "memo": "周五前发货", "phone_mask": "138****6027"}
    for number in range(8):
        order = make_order(big, number=f"7788{number}", lines=[(f"QH{number}", 1, "5")], **told)
        make_refund(order, "1.00", number=f"RF99{number}")
    last = make_order(small, number="77889", lines=[("QH9", 1, "5")], **told)
    make_refund(last, "1.00", number="RF999")
    browser = client_of("planner")
    with acting(SYSTEM):
        UserRole.objects.filter(user=browser.user).update(channels=[small.pk])

    for text in ("7788", "春风十里", "周五", "6027", "QH"):
        assert f"/orders/{last.pk}/" in browser.get("/orders/", {"q": text}).content.decode(), text
    assert "RF999" in browser.get("/search/", {"q": "RF99"}).content.decode()


def test_sixty_searches_a_minute_are_enough_for_a_person(client_of, monkeypatch):
    monkeypatch.setattr("shopops.search.views.A_MINUTE", 3)
    browser = client_of("planner")

    answers = [browser.get("/search/", {"q": f"{number:04}"}, headers={"HX-Request": "true"}) for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Wait" in answers[3].content.decode()
    assert browser.get("/search/").status_code == 200  # the pages one may open are no search
