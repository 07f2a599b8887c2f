"""Every sample gives what its platform's file means; the figures were worked out from the files by hand."""

from decimal import Decimal

import pytest

from tests.products.orders.formats.records import sample

pytestmark = pytest.mark.django_db  # saved mappings are formats too


@pytest.mark.parametrize(
    ("name", "code", "records", "orders"),
    [
        ("taobao/ExportOrderList_54cols.csv", "taobao_orders", 7, 7),
        ("taobao/ExportOrderList_41cols.csv", "taobao_orders", 7, 7),
        ("taobao/ExportOrderDetailList.csv", "taobao_detail", 9, 7),
        ("taobao/suborder_2026.xlsx", "taobao_suborders", 9, 7),
        ("jd/jd_orders.csv", "jd_orders", 5, 4),
        ("pdd/pdd_orders.csv", "pdd_orders", 5, 5),
        ("douyin/douyin_orders.csv", "douyin_orders", 5, 4),
        ("shopify/orders_export.csv", "shopify_orders", 4, 3),
        ("woocommerce/orders_one_row_per_item.csv", "woocommerce_orders", 4, 3),
    ],
)
def test_a_sample_is_recognised_and_read_whole(name, code, records, orders):
    found = sample(name)

    assert found.format == code
    assert found.rejects == []
    assert len(found.records) == records
    assert len({record["order_number"] for record in found.records}) == orders
    assert "unknown_columns" not in found.notices
    assert all(record["state"] != "unknown" for record in found.records if "state" in record)


def test_the_list_adds_refunds_back_to_what_was_left_of_the_payment():
    found = sample("taobao/ExportOrderList_54cols.csv")

    paid = [record for record in found.records if "paid_at" in record]
    unpaid = [record for record in found.records if "paid_at" not in record]
    assert len(paid) == 5
    assert sum(record["paid"] for record in paid) == Decimal("1022.00")
    assert sum(record["stated_refund"] for record in paid) == Decimal("188.00")
    assert sum(record["payable"] for record in unpaid) == Decimal("387.00")
    assert [record["paid"] for record in unpaid] == [0, 0]
    assert [record["state"] for record in found.records] == [
        "finished", "paid", "shipped", "closed_refunded", "closed_unpaid", "unpaid", "finished",
    ]  # fmt: skip


def test_the_older_list_leaves_unknown_what_it_does_not_tell():
    found = sample("taobao/ExportOrderList_41cols.csv")

    unknown = [record["order_number"][-4:] for record in found.records if record.get("notes") == ["paid_unknown"]]
    assert unknown == ["0104", "0107"]
    assert all("paid" not in record for record in found.records if record["order_number"][-4:] in unknown)
    assert all("stated_refund" not in record and "received" not in record for record in found.records)
    assert found.of("0102", "paid") == [Decimal("139.00")]


def test_the_detail_gives_lines_by_list_price():
    found = sample("taobao/ExportOrderDetailList.csv")

    assert found.sum("amount") == Decimal("1419.00")
    assert found.of("0101", "code") == ["QH-D101-R-M", "QH-T201-W-S"]
    assert found.of("0107", "line_state") == ["交易成功", "交易关闭"]
    assert found.of("0105", "state") == [None]  # closed: the detail does not say whether it was paid


def test_sub_orders_have_numbers_and_gross_money():
    found = sample("taobao/suborder_2026.xlsx")

    assert found.of("0101", "line_key") == ["300000000000001101", "300000000000002101"]
    assert found.sum("paid") == Decimal("1022.00")
    assert found.sum("stated_refund") == Decimal("188.00")
    assert found.of("0101", "waybill") == ["YT0000000000101", "YT0000000000101"]  # without "No:"
    assert found.of("0102", "notes") == [["check_paid"]]
    assert found.reader.format.sums == ("paid", "stated_refund")


def test_refunds_have_their_own_numbers_states_and_times():
    found = sample("taobao/refund_new.xlsx")

    assert [
        (
            r["refund_number"],
            r["refund_order"][-4:],
            r["refund_amount"],
            r["refund_state"],
            "done_at" in r,
            r["refund_kind"],
        )
        for r in found.records
    ] == [
        ("90000000000104", "0104", Decimal("59.00"), "success", True, "money"),
        ("90000000000107", "0107", Decimal("129.00"), "success", True, "return"),
        ("90000000000103", "0103", Decimal("179.00"), "open", False, "return"),
    ]
    assert found.records[2]["refund_due_at"].isoformat() == "2026-03-15T09:00:00+08:00"


def test_jd_repeats_the_order_on_each_row_and_marks_states_in_front():
    found = sample("jd/jd_orders.csv")

    assert found.of("0001", "payable") == [Decimal("258.00"), Decimal("258.00")]
    assert found.of("0001", "paid") == [Decimal("248.00"), Decimal("248.00")]
    assert found.reader.format.sums == ()
    assert [record["state"] for record in found.records] == ["finished", "finished", "paid", "held", "closed_unpaid"]
    assert found.of("0001", "line_key") == ["310000000001-10000000000011", "310000000001-10000000000021"]
    assert [record["province"] for record in found.records[1:]] == ["江苏省", "四川省", "广东省", "山东省"]
    assert [record["city"] for record in found.records[1:]] == ["南京市", "成都市", "深圳市", "济南市"]
    assert "phone_digest" not in found.records[0]  # masked numbers are never compared
    assert found.records[0]["phone_mask"] == "154****0011"


def test_pinduoduo_takes_the_day_from_the_number_where_the_file_has_none():
    found = sample("pdd/pdd_orders.csv")

    marked = {r["order_number"][:6]: r["created_at"].date().isoformat() for r in found.records if "notes" in r}
    assert marked == {"260302": "2026-03-02", "260305": "2026-03-05"}
    assert [record["received"] for record in found.records] == [189, 118, 129, 1270, 0]
    assert [record["refunded_all"] for record in found.records] == [False, True, False, False, False]
    assert [record["paid"] for record in found.records] == [184, 118, 127, 1270, 0]
    assert [record["payable"] for record in found.records] == [184, 118, 129, 1270, 129]
    assert [record["state"] for record in found.records] == [
        "finished",
        "closed_refunded",
        "paid",
        "shipped",
        "closed_unpaid",
    ]
    assert found.records[0]["waybill"] == "YT0000000000201"  # its tab is gone
    assert found.records[3]["unit_price"] == 129


def test_douyin_sums_its_sub_orders_and_names_the_talent():
    found = sample("douyin/douyin_orders.csv")

    talents = {record["order_number"][-2:] for record in found.records if record.get("talent") == "青禾小主播"}
    assert talents == {"01", "03"}
    assert found.of("03", "payable") == [129, 59]
    assert found.of("02", "stated_refund") == [118]
    assert [record["state"] for record in found.records] == [
        "finished",
        "closed_refunded",
        "paid",
        "paid",
        "closed_unpaid",
    ]
    assert (found.records[0]["waybill"], found.records[0]["courier"]) == ("YT0000000000301", "圆通快递")
    assert "address_cipher" not in found.records[0]  # masked throughout


def test_shopify_gives_the_order_on_its_first_row_only():
    found = sample("shopify/orders_export.csv")

    assert found.of("#1001", "payable") == [Decimal("268.00"), None]
    assert found.of("#1002", "stated_refund") == [Decimal("122.33")]
    assert found.of("#1002", "line_paid") == [Decimal("367.00")]
    assert found.of("#1002", "message") == ["line one\nline two"]
    assert found.of("#1003", "state") == ["closed_unpaid"]
    assert found.of("#1003", "email_digest") == [None]
    assert found.of("#1003", "phone_mask") == ["154****0003"]
    assert found.of("#1001", "created_at")[0].isoformat() == "2026-03-01T09:15:02+08:00"
    assert [record["row_no"] for record in found.records] == [2, 3, 4, 6]  # the note of #1002 spans two lines


def test_woocommerce_repeats_totals_and_knows_guests():
    found = sample("woocommerce/orders_one_row_per_item.csv")

    assert found.of("901", "payable") == [Decimal("268.00"), Decimal("268.00")]
    assert found.reader.format.sums == ()
    assert [record.get("buyer_id") for record in found.records] == ["12", "12", None, "14"]
    assert found.of("902", "message") == ["-leave at door"]
    assert [record["state"] for record in found.records] == ["finished", "finished", "closed_refunded", "unpaid"]
