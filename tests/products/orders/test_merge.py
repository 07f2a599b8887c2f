"""What a file changes in the store: newer over older, known over unknown, never back, never twice."""

from decimal import Decimal

import pytest

from analytics.quality.fingerprint import fingerprint
from products.orders.models import Order, OrderLine
from products.refunds.models import Refund
from products.sales.models import DirtyDay
from shopops.history.models import Change
from tests.factories.orders import make_channel
from tests.factories.staged import make_batch, merge_rows
from tests.products.orders.test_undo import line_row, order_row, refund_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return make_channel("tb", platform="taobao")


def refunds():
    return {r.number: r.amount for r in Refund.objects.filter(state="success", amount__gt=0)}


def test_equal_rows_again_write_nothing(shop):
    rows = [order_row("A1"), order_row("A2", stated_refund="10.00")]
    merge_rows(shop, rows, grain="order")
    merge_rows(shop, [line_row("A1", "X"), line_row("A2", "Y")])
    before, written = fingerprint(), Change.objects.count()
    DirtyDay.objects.all().delete()
    counts = merge_rows(shop, rows, grain="order")
    assert (counts["new"], counts["changed"], counts["equal"]) == (0, 0, 2)
    assert merge_rows(shop, [line_row("A1", "X"), line_row("A2", "Y")])["lines_changed"] == 0
    assert (fingerprint(), Change.objects.count(), DirtyDay.objects.count()) == (before, written, 0)


def test_a_line_without_title_has_its_goods_title_at_once_so_that_again_changes_nothing(shop):
    rows = [line_row("A1", "X", title="Teapot"), line_row("A2", "X", title="")]
    merge_rows(shop, rows)
    assert list(Order.objects.order_by("number").values_list("titles", flat=True)) == ["Teapot", "Teapot"]
    counts = merge_rows(shop, rows)
    assert (counts["changed"], counts["equal"]) == (0, 2)


def test_an_older_file_after_a_newer_one_changes_nothing(shop):
    merge_rows(shop, [order_row("A1", state="finished", finished_at="2026-03-28 10:00", memo="gift")], grain="order")
    before = fingerprint()
    counts = merge_rows(shop, [order_row("A1", memo="call first", province="江苏省")], grain="order")
    assert (counts["changed"], counts["equal"]) == (0, 1)
    assert fingerprint() == before


def test_a_later_file_fills_what_was_unknown_and_a_blank_overwrites_nothing(shop):
    merge_rows(shop, [order_row("A1", paid=None, payable="100.00", memo="gift")], grain="order")
    later = order_row("A1", paid="90.00", memo="", finished_at="2026-03-28 10:00", state="finished")
    merge_rows(shop, [later], grain="order")
    order = Order.objects.get()
    assert (order.paid, order.memo, order.state) == (Decimal("90.00"), "gift", "finished")


def test_a_change_without_a_later_time_is_counted_and_taken_or_kept_by_choice(shop):
    merge_rows(shop, [order_row("A1", memo="one"), order_row("A2", memo="one")], grain="order")
    assert merge_rows(shop, [order_row("A1", memo="two")], grain="order")["tie_changed"] == 1
    assert merge_rows(shop, [order_row("A2", memo="two")], grain="order", keep_ties=True)["changed"] == 0
    assert dict(Order.objects.values_list("number", "memo")) == {"A1": "two", "A2": "one"}


def test_a_state_never_goes_back(shop):
    merge_rows(shop, [order_row("A1", state="shipped", shipped_at="2026-03-25 10:00")], grain="order")
    merge_rows(shop, [order_row("A1", state="unpaid", modified_at="2026-03-29 10:00")], grain="order")
    assert Order.objects.get().state == "shipped"


def test_the_header_s_money_is_split_over_lines_by_largest_remainder(shop):
    merge_rows(shop, [order_row("A1", paid="100.00")], grain="order")
    merge_rows(
        shop,
        [line_row("A1", "X", price="10.00"), line_row("A1", "Y", price="10.00"), line_row("A1", "Z", price="10.00")],
    )
    assert [line.paid for line in OrderLine.objects.order_by("position")] == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]


def test_a_corrected_line_of_an_order_without_header_changes_that_line_and_the_sum_alone(shop):
    at = {"paid_at": "2026-03-24 10:00"}
    merge_rows(shop, [line_row("A1", "X", **at), line_row("A1", "Y", **at), line_row("A1", "Z", **at)])
    assert Order.objects.get().paid == 150
    counts = merge_rows(
        shop, [line_row("A1", "X", **at), line_row("A1", "Y", price="60.00", **at), line_row("A1", "Z", **at)]
    )
    assert (counts["changed"], counts["lines_changed"]) == (1, 1)
    assert Order.objects.get().paid == 160
    assert [line.paid for line in OrderLine.objects.order_by("position")] == [50, 60, 50]


@pytest.mark.parametrize("summary_first", [True, False])
def test_a_stated_total_and_itemised_refunds_are_the_same_money(shop, summary_first):
    files = [([order_row("A1", stated_refund="60.00")], "order"), ([refund_row("R1", "A1", "25.00")], "refund")]
    for rows, grain in files if summary_first else reversed(files):
        merge_rows(shop, rows, grain=grain)
    assert refunds() == {"R1": 25, "~A1": 35}
    assert Order.objects.get().refunded == 60
    merge_rows(shop, [refund_row("R2", "A1", "50.00")], grain="refund")
    assert refunds() == {"R1": 25, "R2": 50}  # the rest is never below 0
    assert Order.objects.get().refunded == 75


def test_sub_order_numbers_adopt_lines_known_by_position(shop):
    merge_rows(shop, [line_row("A1", "X", 2), line_row("A1", "Y")])
    ids = set(OrderLine.objects.values_list("pk", flat=True))
    merge_rows(shop, [line_row("A1", "Y", line_key="902"), line_row("A1", "X", 2, line_key="901")])
    assert {line.item.code: line.key for line in OrderLine.objects.all()} == {"X": "901", "Y": "902"}
    assert set(OrderLine.objects.values_list("pk", flat=True)) == ids
    merge_rows(shop, [line_row("A1", "X", 2), line_row("A1", "Y")])
    assert OrderLine.objects.count() == 2


def test_lines_that_do_not_match_are_kept_and_the_order_is_marked(shop):
    merge_rows(shop, [line_row("A1", "X", 2), line_row("A1", "Y")])
    counts = merge_rows(shop, [line_row("A1", "X", 1, line_key="901"), line_row("A1", "Y", line_key="902")])
    assert counts["check_lines"] == 1
    assert "check_lines" in Order.objects.get().notes
    assert sorted(OrderLine.objects.values_list("key", flat=True)) == ["#1", "#2"]


def test_an_update_is_history_by_file_and_the_bringer_stays(shop):
    first, second = make_batch(shop), make_batch(shop)
    merge_rows(shop, [order_row("A1")], grain="order", batch=first)
    merge_rows(
        shop,
        [order_row("A1", memo="gift", finished_at="2026-03-28 10:00", state="finished")],
        grain="order",
        batch=second,
    )
    order = Order.objects.get()
    assert order.batch_id == first.pk
    change = Change.objects.get(source=f"import:{second.pk}", table_name="products_order")
    assert change.changes["memo"] == ["", "gift"]


def test_a_refund_marks_its_own_day_and_the_order_s_days(shop):
    merge_rows(shop, [order_row("A1")], grain="order")
    DirtyDay.objects.all().delete()
    merge_rows(shop, [refund_row("R1", "A1", "25.00")], grain="refund", follow_up=False)
    assert sorted(day.day.isoformat() for day in DirtyDay.objects.all()) == ["2026-03-24", "2026-03-26"]
