"""Files of one shop tell parts of the same orders: whichever comes first, the store ends the same."""

from itertools import permutations

import pytest

from products.orders import imports
from products.orders.models import Order, OrderLine
from products.refunds.models import Refund
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject
from shopops.jobs import services as jobs
from tests.factories.orders import make_channel
from tests.products.orders.formats.records import SAMPLES
from tests.shopops.exchange.files import write

pytestmark = pytest.mark.django_db

NEW, OLD = "taobao/ExportOrderList_54cols.csv", "taobao/ExportOrderList_41cols.csv"
DETAIL, SUB, REFUNDS = "taobao/ExportOrderDetailList.csv", "taobao/suborder_2026.xlsx", "taobao/refund_new.xlsx"


def bring_in(channel, *paths, **options):
    """Import files one after the other; return their batches."""
    found = []
    for path in paths:
        with path.open("rb") as file:
            upload = uploads.keep(file, name=path.name, by=None)
        batch = imports.add_batch(upload, channel, imports.Options(confirmed=True, **options), by=None)
        job = imports.submit(imports.RUN, [batch], by=None)
        jobs.perform(job.pk)
        batch.refresh_from_db()
        found.append(batch)
    return found


def contents(channel):
    orders = Order.objects.filter(channel=channel).order_by("number")
    return {
        "orders": list(
            orders.values_list(
                "number", "state", "created_at", "paid_at", "finished_at", "payable", "paid", "received", "postage", "stated_refund",
                "refunded", "pieces", "buyer", "province", "memo", "message",
            )
        ),
        "lines": list(
            OrderLine.objects.filter(order__channel=channel)
            .order_by("order__number", "position")
            .values_list("order__number", "key", "item__code", "quantity", "unit_price", "paid")
        ),
        "refunds": list(
            Refund.objects.filter(channel=channel, state="success", amount__gt=0)
            .order_by("number")
            .values_list("number", "order__number", "amount")
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        (NEW, DETAIL),
        (NEW, SUB),
        (NEW, REFUNDS),
        (NEW, OLD),
        (OLD, DETAIL),
        (OLD, SUB),
        (DETAIL, SUB),
        (SUB, REFUNDS),
        (NEW, DETAIL, SUB, REFUNDS),
    ],
)
def test_the_order_of_files_does_not_matter(names):
    ends = []
    for index, order in enumerate(list(permutations(names))[:: 5 if len(names) > 2 else 1]):
        channel = make_channel(f"shop-{index}", platform="taobao")
        batches = bring_in(channel, *[SAMPLES / name for name in order])
        assert [batch.state for batch in batches] == [ImportBatch.State.DONE] * len(batches), [
            b.refusal for b in batches
        ]
        ends.append(contents(channel))

    assert len(ends[0]["orders"]) == 7
    assert all(end == ends[0] for end in ends)


def test_contradicting_rows_are_refused_and_a_later_state_is_taken(tmp_path):
    head = "订单编号,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,退款金额\n"
    rows = (
        "1,10,10,交易成功,2026-03-01 09:15:00,2026-03-01 09:16:00,0\n"
        "2,10,10,交易成功,2026-03-01 09:15:00,2026-03-01 09:16:00,0\n"
        "2,10,9,交易成功,2026-03-01 09:15:00,2026-03-01 09:16:00,0\n"
        "3,10,0,等待买家付款,2026-03-01 09:15:00,,0\n"
        "3,10,10,交易成功,2026-03-01 09:15:00,2026-03-01 09:18:00,0\n"
    )
    path = write(tmp_path, head + rows)
    channel = make_channel("shop", platform="taobao")

    (batch,) = bring_in(channel, path)
    assert batch.state == ImportBatch.State.REFUSED
    assert list(
        ImportReject.objects.filter(batch=batch).order_by("row_no").values_list("row_no", "column", "value", "code")
    ) == [
        (3, "订单编号", "2", "contradiction"),
        (4, "订单编号", "2", "contradiction"),
    ]

    (batch,) = bring_in(channel, path, skip_bad=True)
    assert batch.state == ImportBatch.State.DONE
    assert list(Order.objects.filter(channel=channel).order_by("number").values_list("number", "state")) == [
        ("1", "finished"),
        ("3", "finished"),
    ]
