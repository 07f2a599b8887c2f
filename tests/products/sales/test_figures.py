"""The SQL of the figures gives what the handbook works out by hand."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from products.channels.models import ChannelSpan
from products.sales.figures import figures
from products.sales.questions import BadQuestion
from products.sales.refresh import rebuild
from shopops.history.actor import SYSTEM, acting
from shopops.metrics.registry import UnknownMetric, metric, metrics
from tests.factories.orders import make_channel, make_customer, make_item, make_order, make_refund, make_sku
from tests.factories.staged import make_batch
from tests.handbook import cases
from tests.products.sales.test_reference import shown

pytestmark = pytest.mark.django_db
NAMES = {  # the handbook's words: ours
    "gmv": "gmv", "orders_paid": "orders", "paid": "paid", "refund": "refunds", "net": "net", "buyers": "buyers",
    "pieces": "pieces", "aov_buyer": "aov_buyer", "per_order": "aov_order", "upt": "upt", "unit_price": "unit_price",
}  # fmt: skip


def ask(*codes, first, last=None, **more):
    """Return {code: value}, or {(code, key): value} when split by something."""
    found = figures(codes, first, last or first, **more)
    return {(row.metric, row.key) if more.get("by") else row.metric: row.value for row in found}


def span(channel, first, last):
    with acting(SYSTEM):
        ChannelSpan.objects.create(channel=channel, batch=make_batch(channel), first_day=first, last_day=last)


def tell(given, channel):
    """Make a handbook case's orders and refunds; a refund that names none is a credit without an order."""
    people = defaultdict(make_customer)
    orders = {}
    for number, row in enumerate(given["orders"]):
        whole, goods = Decimal(row["payable"]), Decimal(row["goods_paid"]) or Decimal(row["payable"])
        pieces = row["pieces"]
        orders[number] = make_order(
            channel,
            created=row["created_at"],
            paid_at=row["paid_at"],
            paid=row["paid"],
            payable=whole,
            goods_paid=Decimal(row["goods_paid"]),
            pieces=pieces,
            lines=[("A", pieces, goods / pieces)],
            postage=whole - goods,
            customer=people[row["buyer"]],
            kind=row.get("kind", "sale"),
        )
    for row in given.get("refunds", []):
        make_refund(orders[0], row["amount"], state=row["status"].lower(), done=row["done_at"])


@pytest.mark.parametrize(*cases("daily_metrics"))
def test_the_metrics_of_a_day(given, expected):
    shop = make_channel()
    tell(given, shop)
    day = date.fromisoformat(given["day"])
    span(shop, day, day)
    rebuild()

    found = ask(*NAMES.values(), first=day)

    assert {name: shown_as(found[ours], expected[name]) for name, ours in NAMES.items()} == {
        name: expected[name] for name in NAMES
    }


def shown_as(value, like):
    return int(value) if isinstance(like, int) else shown(value, like)


@pytest.mark.parametrize(*cases("buyer_metrics"))
def test_old_and_new_buyers_and_those_who_come_back(given, expected):
    shop, people = make_channel(), defaultdict(make_customer)
    for row in given["orders"]:
        order = make_order(shop, created=f"{row['paid']} 10:00", customer=people[row["buyer"]])
        if row.get("refunded_full"):
            make_refund(order)
    rebuild()

    found = ask(
        "buyers", "old_buyers", "new_buyers", "repurchase_rate",
        first=date.fromisoformat(given["from"]), last=date.fromisoformat(given["to"]),
    )  # fmt: skip

    assert (found["buyers"], found["old_buyers"], found["new_buyers"]) == (
        expected["buyers"],
        expected["old"],
        expected["new"],
    )
    assert shown(found["repurchase_rate"], expected["repurchase_rate"]) == expected["repurchase_rate"]


@pytest.mark.parametrize(*cases("refund_basis"))
def test_net_by_refund_day_and_by_order(given, expected):
    shop = make_channel()
    orders = {row["id"]: make_order(shop, paid=row["paid"], created=row["paid_at"]) for row in given["orders"]}
    for row in given["refunds"]:
        make_refund(orders[row["order"]], row["amount"], state=row["status"].lower(), done=row["done_at"])
    first, last = date(2026, 3, 1), date(2026, 3, 3)
    span(shop, first, last)
    rebuild()

    by_refund_day = ask("net", first=first, last=last, by="day")
    by_order = ask("net", first=first, last=last, by="day", refunds="order")

    assert {day: f"{value:.2f}" for (_code, day), value in by_refund_day.items()} == expected["by_refund_day"]
    assert {day: f"{value:.2f}" for (_code, day), value in by_order.items()} == expected["by_order"]
    assert ask("net", first=first, last=last)["net"] == Decimal(expected["total"])


@pytest.mark.parametrize(*cases("distinct"))
def test_buyers_do_not_add_up_over_days(given, expected):
    shop, people = make_channel(), defaultdict(make_customer)
    first = date(2026, 3, 2)
    for number, buyers in enumerate(given["days"]):
        for name in buyers:
            make_order(shop, created=f"{first + timedelta(days=number)} 10:00", customer=people[name])
    rebuild()
    last = first + timedelta(days=len(given["days"]) - 1)

    per_day = ask("buyers", first=first, last=last, by="day")

    assert list(per_day.values()) == expected["per_day"]
    assert ask("buyers", first=first, last=last)["buyers"] == expected["period"]


def test_a_day_without_orders_is_zero_where_an_import_spans_it_and_unknown_elsewhere():
    shop = make_channel()
    make_order(shop, paid="10", created="2026-03-02 10:00")
    span(shop, date(2026, 3, 2), date(2026, 3, 3))
    rebuild()

    assert ask("paid", "orders", "aov_order", first=date(2026, 3, 2), last=date(2026, 3, 4), by="day") == {
        ("paid", "2026-03-02"): 10, ("paid", "2026-03-03"): 0, ("paid", "2026-03-04"): None,
        ("orders", "2026-03-02"): 1, ("orders", "2026-03-03"): 0, ("orders", "2026-03-04"): None,
        ("aov_order", "2026-03-02"): 10, ("aov_order", "2026-03-03"): None, ("aov_order", "2026-03-04"): None,
    }  # fmt: skip


def test_what_no_file_gives_is_unknown_and_a_part_says_of_how_many():
    shop = make_channel()
    make_order(shop, paid="10", created="2026-03-02 10:00", pieces=None)
    make_order(shop, paid="30", created="2026-03-03 10:00", customer=make_customer())
    rebuild()
    day = date(2026, 3, 2)

    assert ask("pieces", "buyers", "upt", "paid", first=day) == {
        "pieces": None,
        "buyers": None,
        "upt": None,
        "paid": 10,
    }
    [buyers, aov] = figures(["buyers", "aov_buyer"], day, date(2026, 3, 3))
    assert (buyers.value, buyers.known, buyers.of, aov.value) == (1, 1, 2, 30)
    assert buyers.as_json() == {"metric": "buyers", "key": "total", "value": "1", "currency": None, "known": 1, "of": 2}


def test_currencies_stand_side_by_side_and_counts_are_one_row():
    day = date(2026, 3, 2)
    make_order(make_channel("shop-uk", currency="GBP"), paid="5", created="2026-03-02 10:00")
    make_order(make_channel("shop-cn"), paid="40", created="2026-03-02 10:00")
    rebuild()

    found = figures(["paid", "orders"], day, day)

    assert [(row.metric, row.currency, row.value) for row in found] == [
        ("paid", "CNY", 40), ("paid", "GBP", 5), ("orders", None, 2),
    ]  # fmt: skip


def test_items_group_by_sku_else_by_code_and_charges_are_no_goods():
    shop, other = make_channel("one"), make_channel("two")
    sku = make_sku("S1")
    make_item(shop, "A", sku=sku)
    make_item(other, "B", sku=sku)
    make_item(shop, "POST", is_goods=False)
    make_order(shop, lines=[("A", 1, "10"), ("C", 2, "3"), ("POST", 1, "4", "charge")], created="2026-03-02 10:00")
    make_order(other, lines=[("B", 1, "7")], created="2026-03-02 11:00")
    rebuild()

    found = ask("paid", "pieces", "unit_price", first=date(2026, 3, 2), by="sku")

    assert [(key, value) for key, value in found.items() if key[0] != "unit_price"] == [
        (("paid", "S1"), 17), (("paid", "C"), 6), (("pieces", "S1"), 2), (("pieces", "C"), 2),
    ]  # fmt: skip
    assert ask("pieces", "unit_price", "paid", first=date(2026, 3, 2)) == {
        "pieces": 5, "unit_price": Decimal("5.75"), "paid": 27,
    }  # fmt: skip


def test_the_best_seller_by_gross_may_be_gone_by_net():
    shop = make_channel()
    gone = make_order(shop, lines=[("PAPER", 80, "2")], created="2026-03-02 10:00")
    make_refund(gone, done="2026-03-02 10:12")
    make_order(shop, lines=[("MUG", 1, "20")], created="2026-03-02 11:00")
    rebuild()
    day = date(2026, 3, 2)

    assert list(ask("paid", first=day, by="sku")) == [("paid", "PAPER"), ("paid", "MUG")]
    assert ask("net", first=day, by="sku") == {("net", "MUG"): 20, ("net", "PAPER"): 0}


def test_a_credit_without_an_order_counts_in_money_but_not_among_orders():
    shop = make_channel()
    order = make_order(shop, paid="100", created="2026-03-02 10:00")
    make_refund(order, "10", done="2026-03-05 10:00")
    credit = make_refund(order, "15", done="2026-03-02 12:00")
    with acting(SYSTEM):
        type(credit).objects.filter(pk=credit.pk).update(order=None)
        type(order).objects.filter(pk=order.pk).update(refunded=10)
    rebuild()
    day = date(2026, 3, 2)

    assert ask("refunds", "refund_rate", "refund_rate_orders", first=day) == {
        "refunds": 15, "refund_rate": Decimal("0.250000"), "refund_rate_orders": 1,
    }  # fmt: skip
    assert ask("refunds", first=day, refunds="order")["refunds"] == 25


def test_the_demo_leaves_the_totals_with_the_first_real_order():
    demo, real = make_channel("demo", is_demo=True), make_channel("real")
    buyer = make_customer()
    make_order(demo, paid="1000", created="2026-03-02 10:00", customer=buyer)
    rebuild()
    day = date(2026, 3, 2)
    before = ask("paid", "buyers", first=day)
    order = make_order(real, paid="5", created="2026-03-02 10:00")
    type(real).objects.filter(pk=real.pk).update(data_through=order.created_at)
    rebuild()

    assert before == {"paid": 1000, "buyers": 1}
    assert ask("paid", "buyers", first=day) == {"paid": 5, "buyers": None}
    assert ask("paid", first=day, channel="demo")["paid"] == 1000


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("day", "2026-03-24"),
        ("week", "2026-W13"),
        ("month", "2026-03"),
        ("weekday", "2"),
        ("hour", "14"),
        ("province", "浙江省"),
        ("channel", "shop"),
        (None, "total"),
    ],
)
def test_each_way_to_split_has_its_keys_and_one_sum(by, key):
    make_order(
        make_channel("shop"), paid="129.90", created="2026-03-24 14:30", province="浙江省", customer=make_customer()
    )
    rebuild()

    found = figures(["paid", "buyers", "gmv"], date(2026, 3, 23), date(2026, 3, 29), by=by)

    assert [(row.metric, row.key, row.text) for row in found if row.value] == [
        ("paid", key, "129.90"), ("buyers", key, "1"), ("gmv", key, "129.90"),
    ]  # fmt: skip


def test_the_store_day_ends_at_the_stores_midnight():
    shop = make_channel()
    make_order(shop, paid="1", created="2026-03-31T15:59:59+00:00")
    make_order(shop, paid="2", created="2026-03-31T16:00:00+00:00")
    rebuild()

    found = ask("paid", first=date(2026, 3, 31), last=date(2026, 4, 1), by="day")
    assert found == {("paid", "2026-03-31"): 1, ("paid", "2026-04-01"): 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"last": date(2026, 3, 1)},
        {"by": "year"},
        {"basis": "shipped"},
        {"refunds": "never"},
        {"window": 0},
        {"channel": "nowhere"},
        {"by": "sku", "basis": "created"},
    ],
)
def test_a_question_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(BadQuestion):
        figures(["paid"], date(2026, 3, 2), **{"last": date(2026, 3, 2), **wrong})


def test_an_unknown_metric_is_refused():
    with pytest.raises(UnknownMetric, match="profit"):
        figures(["profit"], date(2026, 3, 2), date(2026, 3, 2))


def test_every_metric_of_the_command_has_one_definition_with_its_formula():
    assert list(metrics()) == [
        "gmv", "paid", "refunds", "net", "orders", "unpaid_orders", "buyers", "pieces", "pay_rate", "refund_rate",
        "refund_rate_orders", "aov_buyer", "aov_order", "upt", "unit_price", "new_buyers", "old_buyers", "repurchase_rate",
    ]  # fmt: skip
    assert metric("aov_order").tooltip.startswith("Paid per order: Paid money ÷ paid orders.")
