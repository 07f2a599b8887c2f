"""Roll-ups follow the facts: random stores against the plain reference, days in pieces against a full rebuild."""

import random
import threading
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from products.orders.models import Order
from products.sales import grouping, sums
from products.sales.checking import differences
from products.sales.figures import figures
from products.sales.models import BuyerDay, BuyersOfPeriod, DirtyDay, PlaceHourDay, SalesDay, SkuDay
from products.sales.questions import Question
from products.sales.refresh import LOCK, each_minute, rebuild, refresh, refresh_all
from shopops import clock
from shopops.history.actor import SYSTEM, acting
from shopops.money import round_half_up
from tests import sales_reference as reference
from tests.factories.orders import make_channel, make_customer, make_order, make_refund

ROLLUPS = (SalesDay, SkuDay, PlaceHourDay, BuyerDay, BuyersOfPeriod)
MIDNIGHT = datetime(2026, 3, 2)  # of the store; orders lie round it and its neighbours
DAYS = [date(2026, 2, 28) + timedelta(days=number) for number in range(8)]
A_FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "channel": st.integers(0, 1),
            "created": st.one_of(st.integers(-2, 2), st.integers(-86_400, 2 * 86_400)),  # seconds from midnight
            "pays": st.one_of(st.none(), st.integers(0, 90_000)),
            "cents": st.integers(0, 50_000),
            "pieces": st.integers(1, 3),
            "buyer": st.sampled_from(["a", "b", "c"]),
            "kind": st.sampled_from(["sale", "sale", "sale", "exchange"]),
            "back": st.sampled_from([None, None, 1, 2]),  # the whole ÷ this is refunded
            "after": st.integers(0, 100_000),
        }
    ),
    max_size=6,
)


def write(rows, channels, people):
    """Put random orders into the store; return them, and their refunds, as the reference wants them."""
    told, refunds = [], []
    for row in rows:
        created = MIDNIGHT + timedelta(seconds=row["created"])
        paid_at = None if row["pays"] is None else created + timedelta(seconds=row["pays"])
        money = Decimal(row["cents"]) / 100
        order = make_order(
            channels[row["channel"]], paid=money, payable=money, created=created, paid_at=paid_at, pieces=row["pieces"],
            lines=[("A", row["pieces"], money / row["pieces"])], goods_paid=money if paid_at else Decimal(0),
            customer=people[row["buyer"]], kind=row["kind"],
        )  # fmt: skip
        told.append(
            {
                "channel": row["channel"],
                "created_at": str(created),
                "paid_at": paid_at and str(paid_at),
                "payable": str(money),
                "paid": str(money if paid_at else 0),
                "goods_paid": str(money if paid_at else 0),
                "pieces": row["pieces"],
                "buyer": row["buyer"],
                "kind": row["kind"],
            }
        )
        amount = round_half_up(money / row["back"]) if row["back"] and paid_at else Decimal(0)
        if amount:
            done = paid_at + timedelta(seconds=row["after"])
            make_refund(order, amount, done=done)
            if row["kind"] == "sale":
                refunds.append(
                    {"channel": row["channel"], "done_at": str(done), "amount": str(amount), "status": "SUCCESS"}
                )
    return told, refunds


def by_day(code, channel):
    return [row.value or 0 for row in figures([code], DAYS[0], DAYS[-1], by="day", channel=channel.code)]


def contents():
    """Return every roll-up's rows without their ids."""
    return {
        model.__name__: sorted(
            model.objects.values_list(*[field.attname for field in model._meta.concrete_fields if field.name != "id"]),
            key=str,
        )
        for model in ROLLUPS
    }


def mark(*orders):
    """Mark the days these orders and their refunds count on, as a merge does."""
    for order in orders:
        moments = [order.created_at, order.paid_at, *order.refunds.values_list("counted_at", flat=True)]
        for day in {clock.store_day(moment) for moment in moments if moment}:
            DirtyDay.objects.update_or_create(channel=order.channel, day=day, defaults={"marked_at": clock.now()})


@pytest.mark.django_db
@A_FEW
@given(rows=ORDERS)
def test_the_sql_agrees_with_the_plain_reference(rows):
    with transaction.atomic():
        channels = [make_channel("one"), make_channel("two", currency="GBP")]
        told, refunds = write(rows, channels, {name: make_customer(name) for name in "abc"})
        rebuild()
        for number, channel in enumerate(channels):
            mine = [[row for row in rows if row["channel"] == number] for rows in (told, refunds)]
            expected = [reference.daily_metrics(day.isoformat(), *mine, visitors=0) for day in DAYS]
            for code, name in {
                "gmv": "gmv",
                "paid": "paid",
                "refunds": "refund",
                "net": "net",
                "orders": "orders_paid",
                "buyers": "buyers",
                "pieces": "pieces",
            }.items():
                assert by_day(code, channel) == [day[name] for day in expected], code
        assert differences() == []
        transaction.set_rollback(True)


@pytest.mark.django_db
@A_FEW
@given(rows=ORDERS, later=ORDERS)
def test_refreshing_the_days_that_changed_equals_a_full_rebuild(rows, later):
    with transaction.atomic():
        channels = [make_channel("one"), make_channel("two", currency="GBP")]
        people = {name: make_customer(name) for name in "abc"}
        write(rows, channels, people)
        rebuild()
        before = set(Order.objects.values_list("pk", flat=True))
        write(later, channels, people)
        mark(*Order.objects.exclude(pk__in=before).select_related("channel"))
        refresh_all()
        step_by_step = contents()
        rebuild()
        assert step_by_step == contents()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_buyer_gone_a_year_later_changes_who_is_old_and_every_period_round_the_turn_of_the_year():
    shop, buyer = make_channel(), make_customer()
    early = make_order(shop, created="2024-12-30 10:00", customer=buyer)
    for created in ("2024-12-31 10:00", "2025-01-02 10:00", "2025-12-30 09:00", "2026-01-01 10:00", "2026-03-02 10:00"):
        make_order(shop, created=created, customer=buyer)
    rebuild()
    with acting(SYSTEM):
        Order.objects.filter(pk=early.pk).update(customer=None)
    mark(early)
    refresh_all()
    step_by_step = contents()
    rebuild()

    assert step_by_step == contents()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("plant", "seen"),
    [
        ("UPDATE products_salesday SET paid = paid + 0.01 WHERE basis = 'paid'", "salesday paid"),
        ("UPDATE products_salesday SET created = 7 WHERE basis = 'created'", "salesday created"),
        ("UPDATE products_salesday SET refunds = 0 WHERE basis = 'paid'", "salesday refunds"),
        ("DELETE FROM products_placehourday WHERE basis = 'paid'", "placehourday paid"),
        ("UPDATE products_skuday SET pieces = pieces + 1", "skuday"),
        ("UPDATE products_skuday SET refunds = refunds + 1", "skuday refunds"),
        ("UPDATE products_buyerday SET orders = 9", "buyerday"),
        ("UPDATE products_buyersofperiod SET buyers = 9 WHERE kind = 'month'", "buyersofperiod"),
        ("INSERT INTO products_salesday SELECT (json_populate_record(s, '{\"id\": 99999, \"day\": \"2020-01-01\"}')).* FROM products_salesday s WHERE basis = 'paid' LIMIT 1", "salesday paid"),
    ],
)  # fmt: skip
def test_every_planted_difference_is_found(plant, seen):
    order = make_order(make_channel(), paid="10", created="2026-03-02 10:00", customer=make_customer())
    make_refund(order, "4", done="2026-03-02 12:00")
    rebuild()
    assert differences() == []
    with connection.cursor() as cursor:
        cursor.execute(plant)

    assert seen in {row["table"] for row in differences()}


@pytest.mark.django_db
def test_days_that_wait_to_be_recomputed_are_no_difference():
    mark(make_order(make_channel(), created="2026-03-02 10:00"))

    assert differences() == []


def in_thread(work):
    """Run ``work`` on a connection of its own; return the thread and the list its result goes to."""
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


@pytest.mark.django_db(transaction=True)
def test_a_mark_made_while_the_day_is_recomputed_stays():
    shop = make_channel()
    mark(make_order(shop, paid="10", created="2026-03-02 10:00"))

    with transaction.atomic():  # an import in the midst of its merge: its order and mark are not committed yet
        mark(make_order(shop, paid="5", created="2026-03-02 11:00"))
        thread, done = in_thread(refresh)
        thread.join(60)
    left = DirtyDay.objects.count()
    refresh_all()

    assert (done, left) == ([0], 1)
    assert figures(["paid"], date(2026, 3, 2), date(2026, 3, 2))[0].value == 15


@pytest.mark.django_db(transaction=True)
def test_the_sweep_leaves_the_days_to_whoever_is_at_them():
    mark(make_order(make_channel(), paid="10", created="2026-03-02 10:00"))

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        thread, _done = in_thread(lambda: each_minute(now=None))
        thread.join(60)
        waiting = DirtyDay.objects.count()
    each_minute(now=None)

    assert (waiting, DirtyDay.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_refreshers_at_once_count_once():
    shop, buyer = make_channel(), make_customer()
    mark(*[make_order(shop, paid="10", created=f"2026-03-0{day} 10:00", customer=buyer) for day in range(1, 6)])

    threads = [in_thread(refresh_all) for _ in range(2)]
    for thread, _found in threads:
        thread.join(60)

    assert sum(found[0] for _thread, found in threads) == 5
    assert figures(["paid"], date(2026, 3, 1), date(2026, 3, 5))[0].value == 50
    assert differences() == []


def test_buyers_of_a_period_that_goes_on_are_read_from_its_stored_row(db):
    shop = make_channel("tmall", data_through=clock.day_range(date(2026, 3, 24))[0])
    old, new = make_customer("old"), make_customer("new")
    make_order(shop, created="2025-12-01 12:00", customer=old)
    make_order(shop, created="2026-03-03 12:00", customer=old)
    make_order(shop, created="2026-03-24 12:00", customer=new)
    rebuild()

    with CaptureQueriesContext(connection) as found:
        to_date = sums.distinct_buyers(date(2026, 3, 1), date(2026, 3, 24), [shop])
        later = sums.distinct_buyers(date(2026, 3, 1), date(2026, 3, 25), [shop])
    assert to_date == later == (2, 1)
    assert not [query for query in found if "count(DISTINCT" in query["sql"]]

    # The period has a buyer after this range: the newcomers of its days are summed.
    with CaptureQueriesContext(connection) as found:
        assert sums.distinct_buyers(date(2026, 3, 1), date(2026, 3, 23), [shop]) == (1, 1)
    assert not [query for query in found if "products_buyerday s" in query["sql"]]
    assert sums.distinct_buyers(date(2026, 3, 2), date(2026, 3, 23), [shop]) == (1, 1)  # from the buyers' days
    assert sums.distinct_buyers(date(2026, 3, 1), date(2026, 3, 23), [shop], channel="tmall") == (1, 1)


def test_a_day_whose_buyers_stay_the_same_leaves_every_period_as_it_is(db):
    shop = make_channel("tmall", data_through=clock.day_range(date(2026, 3, 24))[0])
    make_order(shop, created="2026-03-24 12:00", customer=make_customer("one"))
    rebuild()
    before = list(BuyersOfPeriod.objects.order_by("kind", "first_day").values())
    DirtyDay.objects.create(channel=shop, day=date(2026, 3, 24), marked_at=clock.now())

    with CaptureQueriesContext(connection) as found:
        assert refresh() == 1

    assert list(BuyersOfPeriod.objects.order_by("kind", "first_day").values()) == before
    assert not [query for query in found if "products_buyersofperiod" in query["sql"]]
    assert len(found) <= 40


def test_a_month_up_to_any_of_its_days_is_the_sum_of_its_newcomers(db):
    shop, chance = make_channel("tmall"), random.Random(7)
    people = [make_customer(f"buyer {number}") for number in range(8)]
    days = [date(2025, 1, 20) + timedelta(days=number) for number in range(420)]
    for _number in range(60):
        make_order(shop, created=f"{chance.choice(days)} 12:00", customer=chance.choice(people))
    rebuild()
    extra = make_order(shop, created="2026-03-05 12:00", customer=people[0])
    DirtyDay.objects.create(channel=shop, day=date(2026, 3, 5), marked_at=clock.now())
    refresh()
    assert extra.pk
    assert differences() == []
    BuyersOfPeriod.objects.filter(kind="to05", first_day=date(2026, 3, 1)).update(buyers=F("buyers") + 1)
    assert {row["column"] for row in differences()} >= {"to05"}
    rebuild()

    for first in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)):
        for number in range(27):
            last = first + timedelta(days=number)
            with CaptureQueriesContext(connection) as found:
                stored = sums.distinct_buyers(first, last, [shop])
            counted = grouping.people(Question(first, last, channels=(shop,))).get(("total", "CNY"))
            assert stored == ((counted.buyers, counted.old) if counted else (0, 0)), (first, last)
            assert not [query for query in found if "products_buyerday s" in query["sql"]]


@pytest.mark.django_db(transaction=True)
def test_counts_a_new_version_threw_away_are_made_again():
    shop = make_channel("tmall")
    make_order(shop, created="2026-03-24 12:00", customer=make_customer("one"))
    rebuild()
    before = list(BuyersOfPeriod.objects.order_by("kind", "first_day").values_list("kind", "first_day", "buyers"))
    BuyersOfPeriod.objects.all().delete()

    each_minute(now=None)

    after = list(BuyersOfPeriod.objects.order_by("kind", "first_day").values_list("kind", "first_day", "buyers"))
    assert after == before != []
    BuyersOfPeriod.objects.all().delete()
    make_order(shop, created="2026-03-25 12:00", customer=make_customer("two"))
    DirtyDay.objects.create(channel=shop, day=date(2026, 3, 25), marked_at=clock.now())

    refresh()

    assert BuyersOfPeriod.objects.get(kind="month", first_day=date(2026, 3, 1)).buyers == 2
