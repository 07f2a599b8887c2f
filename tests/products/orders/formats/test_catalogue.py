"""Files as they should not be: each says what is wrong, in which row and column (or is put right and says so)."""

from datetime import datetime
from decimal import Decimal

import pytest

from products.orders.formats import base
from products.orders.formats.mapping import MappedFormat
from shopops.exchange.models import SavedMapping
from shopops.exchange.reading import FileRefused
from tests.products.orders.formats.records import read, sample
from tests.shopops.exchange.files import raw_workbook, workbook, write

pytestmark = pytest.mark.django_db

HEAD = "订单编号,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,退款金额"
GOOD = "30001,12.50,12.50,交易成功,2026-03-01 09:15:00,2026-03-01 09:16:00,0.00"


def table(*rows, head=HEAD):
    return "\n".join([head, *rows]) + "\n"


def refused(path, **options):
    with pytest.raises(FileRefused) as caught:
        read(path, **options)
    return caught.value


def faults(found):
    return [(item.row, item.column, item.value, item.code) for item in found.rejects]


# ------------------------------------------------------------------ the hostile samples


def test_digits_lost_in_a_spreadsheet_refuse_their_rows():
    found = sample("hostile/ExportOrderList_excel_resaved.csv")

    assert faults(found) == [(2, "订单编号", "3E+17", "lost_digits"), (3, "订单编号", "3E+17", "lost_digits")]
    assert found.rejects[0].message == (
        "The number lost digits in a spreadsheet. Export the file again and do not save it with Excel,"
        " or format the column as text."
    )
    assert len(found.records) == 5


def test_missing_columns_are_named():
    with pytest.raises(FileRefused) as caught:
        sample("hostile/ExportOrderList_missing_column.csv")

    assert str(caught.value) == "Columns missing for “Taobao order list”: 订单状态、订单创建时间、订单付款时间"
    assert (caught.value.code, caught.value.row, caught.value.column) == ("missing_columns", 1, "订单状态")


@pytest.mark.parametrize(
    ("name", "code", "row", "message"),
    [
        ("ExportOrderList_truncated.csv", "open_quote", 8,
         "A quotation mark opened in row 8 is never closed: the file is cut off or damaged."),
        ("html_table_named.xls", "html", 1,
         "This is a web page (HTML), whatever its name says. Open it in a spreadsheet and save it as .xlsx."),
        ("orders_with_nul_and_bad_bytes.csv", "nul", 2,
         "Row 2 holds a NUL byte (byte 794 of the file): the file is damaged or no text."),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_row(name, code, row, message):
    with pytest.raises(FileRefused) as caught:
        sample(f"hostile/{name}")

    assert (caught.value.code, caught.value.row, str(caught.value)) == (code, row, message)


def test_formulas_and_float_numbers_refuse_their_rows():
    found = sample("hostile/suborder_formula_and_float_ids.xlsx")

    assert found.records == []
    assert faults(found) == [
        (2, "商品标题", "", "formula"),
        (2, "订单创建时间", "", "empty"),
        (3, "子订单编号", "3.000000000000001e+17", "lost_digits"),
        (3, "主订单编号", "3.000000000000001e+17", "lost_digits"),
        (3, "订单创建时间", "", "empty"),
    ]


def test_the_same_order_twice_reads_both_states():
    found = sample("hostile/ExportOrderList_same_order_twice.csv")

    assert found.of("0102", "state") == ["paid", "finished"]


# ------------------------------------------------------------------ headers and shapes


def test_header_names_are_matched_by_name_whatever_their_dress(tmp_path):
    head = "\ufeff 订单 编号 ,退款金额,总金额,买家实付金额,订单状态,订单付款时间 ,订单创建时间,别的"
    found = read(write(tmp_path, table("1,0,12.5,12.5,交易成功,2026-03-01 09:16:00,2026-03-01 09:15:00,x", head=head)))

    assert found.format == "taobao_orders"
    assert found.records[0]["paid"] == Decimal("12.5")
    assert found.notices["unknown_columns"] == "Columns not read: 别的"


def test_full_width_brackets_are_the_same(tmp_path):
    head = "订单号,商品,订单状态,商品总价（元）,用户实付金额（元）,商品数量（件）,支付时间"
    found = read(write(tmp_path, table("260301-01,裙,待发货,12,12,1,2026-03-01 09:00:00", head=head)))

    assert (found.format, found.records[0]["paid"]) == ("pdd_orders", 12)


def test_a_column_that_stands_twice_is_named(tmp_path):
    found = refused(write(tmp_path, table(GOOD + ",1", head=HEAD + ",总金额 ")))

    assert (found.code, found.row, found.column) == ("doubled_column", 1, "总金额")


def test_rows_too_short_or_too_long_say_how_many_cells_they_have(tmp_path):
    found = read(write(tmp_path, table(GOOD, "30002,1.00", GOOD + ",more", GOOD + ",")))

    assert [(item.row, item.code, item.message) for item in found.rejects] == [
        (3, "shape", "Row 3 has 2 cells, the header 7."),
        (4, "shape", "Row 4 has 8 cells, the header 7."),
    ]
    assert len(found.records) == 2


def test_a_file_cut_off_in_its_last_row_is_refused_whole(tmp_path):
    found = refused(write(tmp_path, table(GOOD) + "30002,1.00,1.0"))

    assert (found.code, found.row) == ("cut_off", 3)
    assert str(found) == "The file is cut off: its last row 3 has 3 of 7 cells."


def test_every_fault_of_a_row_is_listed(tmp_path):
    found = read(write(tmp_path, table(",abc,12.50,交易成功,2/3/2025,2026-03-01 09:16:00,-1")))

    assert faults(found) == [
        (2, "订单编号", "", "empty"),
        (2, "总金额", "abc", "money"),
        (2, "订单创建时间", "2/3/2025", "date"),
        (2, "退款金额", "-1", "negative"),
    ]


def test_a_value_is_cut_and_personal_ones_are_hidden(tmp_path):
    head = HEAD + ",联系手机"
    found = read(write(tmp_path, table("3," + "x" * 200 + ",1,交易成功,2026-03-01 09:15:00,,0,15400000001", head=head)))

    assert [len(item.value) for item in found.rejects] == [64]
    assert all("15400000001" not in item.value for item in found.rejects)


def test_ten_thousand_bad_rows_do_not_stop_the_file(tmp_path):
    found = read(write(tmp_path, table(*[GOOD.replace("12.50", "x", 1)] * 10_000, GOOD)))

    assert (len(found.rejects), len(found.records)) == (10_000, 1)


# ------------------------------------------------------------------ totals, blanks, widths


def test_a_row_of_totals_is_left_out_and_compared(tmp_path):
    right = read(write(tmp_path, table(GOOD, "合计,12.50,12.50,,,,", ",,,,,,")))
    wrong = read(write(tmp_path, table(GOOD, "总计：,13.00,12.50,,,,")))

    assert (len(right.records), right.rejects) == (1, [])
    assert right.notices["total_row"] == "Row 3 is a total (合计) and was left out."
    assert wrong.notices["total_row"] == (
        "Row 3 is a total (总计：) and was left out; it differs from the sum of the rows: 总金额: 13.00 ≠ 12.50"
    )


def test_full_width_digits_are_folded_with_a_notice(tmp_path):
    found = read(write(tmp_path, table(GOOD.replace("12.50", "１２.50", 1))))

    assert found.records[0]["payable"] == Decimal("12.50")
    assert (
        found.notices["full_width"] == "Full-width digits in “总金额” were read as plain digits (1 different values)."
    )


def test_a_state_nobody_knows_is_kept_in_its_words(tmp_path):
    found = read(write(tmp_path, table(GOOD.replace("交易成功", "火星直达"))))

    assert (found.records[0]["state"], found.records[0]["platform_state"]) == ("unknown", "火星直达")


def test_masked_names_and_phones_stay_masked(tmp_path):
    head = HEAD + ",收货人姓名,联系手机,买家会员名"
    found = read(write(tmp_path, table(GOOD + ",陈*平,138****8000,t**1", head=head)))

    record = found.records[0]
    assert (record["receiver_name"], record["phone_mask"], record["phone_tail"]) == ("陈*平", "138****8000", "8000")
    assert "phone_digest" not in record


def test_identity_cards_are_never_read(tmp_path):
    head = "订单号,商品,订单状态,商品总价(元),用户实付金额(元),商品数量(件),支付时间,身份证姓名,身份证号码"
    found = read(
        write(tmp_path, table("260301-01,裙,待发货,12,12,1,2026-03-01 09:00:00,李四,110101190001010011", head=head))
    )

    assert "110101190001010011" not in str(found.records)
    assert "李四" not in str(found.records)
    assert "unknown_columns" not in found.notices


# ------------------------------------------------------------------ workbooks


def test_of_several_sheets_the_one_with_the_columns_is_read_and_said(tmp_path):
    rows = [line.split(",") for line in (HEAD, GOOD)]
    found = read(workbook(tmp_path, {"说明": [["a", "b"], ["c", "d"]], "订单": rows}))

    assert (found.source.sheet, len(found.records)) == ("订单", 1)
    assert found.notices["sheet"] == "Of several sheets “订单” has the columns and was read."


def test_two_sheets_with_the_columns_must_be_chosen_between(tmp_path):
    rows = [line.split(",") for line in (HEAD, GOOD)]
    path = workbook(tmp_path, {"一": rows, "二": rows})

    assert refused(path).code == "choose_sheet"
    assert len(read(path, sheet="二").records) == 1


def test_numbers_and_dates_of_a_workbook_are_taken_by_their_kind(tmp_path):
    rows = [HEAD.split(","), ["30001", 12.5, 12.5, "交易成功", datetime(2026, 3, 1, 9, 15), 46082.0, 0]]
    found = read(workbook(tmp_path, {"S": rows}))

    assert found.rejects == []
    record = found.records[0]
    assert (record["payable"], record["created_at"].isoformat()) == (Decimal("12.5"), "2026-03-01T09:15:00+08:00")
    assert record["paid_at"].isoformat() == "2026-03-01T00:00:00+08:00"


def test_error_and_merged_cells_refuse_their_rows_with_the_column(tmp_path):
    cells = "".join(
        f'<c r="{chr(65 + at)}1" t="inlineStr"><is><t>{title}</t></is></c>' for at, title in enumerate(HEAD.split(","))
    )
    line = "".join(
        f'<c r="{chr(65 + at)}N" t="inlineStr"><is><t>{value}</t></is></c>' for at, value in enumerate(GOOD.split(","))
    )
    bad = line.replace('<c r="BN" t="inlineStr"><is><t>12.50</t></is></c>', '<c r="BN" t="e"><v>#REF!</v></c>')
    rows = {2: line, 3: bad, 4: line}
    body = "".join(f'<row r="{number}">{row.replace("N", str(number))}</row>' for number, row in rows.items())
    sheet = f'<sheetData><row r="1">{cells}</row>{body}</sheetData><mergeCells count="1"><mergeCell ref="D4:D5"/></mergeCells>'
    found = read(raw_workbook(tmp_path, sheet))

    assert faults(found) == [(3, "总金额", "", "error_cell"), (4, "订单状态", "交易成功", "merged")]
    assert found.rejects[0].message == "The cell holds the spreadsheet's error #REF!."
    assert len(found.records) == 1


# ------------------------------------------------------------------ mappings

RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def retail(tmp_path, *rows, head=RETAIL, fmt=None):
    return read(write(tmp_path, head + "\n".join(rows) + "\n"), fmt=fmt, zone="Europe/London")


def test_invoice_lines_are_told_apart_by_the_shipped_mapping(tmp_path):
    found = retail(
        tmp_path,
        "536365,85123a,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        "536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850.0,United Kingdom",
        "536365,DCGS0001,x,1,2010-12-01 08:26:00,3.00,,United Kingdom",
        "536366,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",
        "536367,22139,damaged,-5,2010-12-01 11:53:00,0.0,,United Kingdom",
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527.0,United Kingdom",
        "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,-11062.06,,United Kingdom",
    )

    assert (found.format, found.rejects) == ("online_retail", [])
    assert [(r["rec"], r.get("line_kind"), r.get("order_kind")) for r in found.records] == [
        ("line", None, None),
        ("line", "charge", None),
        ("line", "charge", None),
        ("line", "free", None),
        ("line", "stock_adjustment", "stock_adjustment"),
        ("refund", "charge", None),
        ("line", "finance_adjustment", "finance_adjustment"),
    ]
    first, credit = found.records[0], found.records[5]
    assert (first["code"], first["buyer_id"], first["amount"]) == ("85123A", "17850", Decimal("15.30"))
    assert first["created_at"] == first["paid_at"]
    assert (credit["refund_number"], credit["refund_amount"], credit["quantity"]) == ("C536379", Decimal("27.50"), 1)
    assert "order_number" not in credit
    assert "refund_order" not in credit


def test_a_price_below_zero_on_a_sale_is_refused(tmp_path):
    found = retail(tmp_path, "1,A,x,1,2010-12-01 08:26:00,-2.55,,UK")

    assert faults(found) == [(2, "UnitPrice", "-2.55", "negative")]


def test_renamed_columns_are_read_by_a_mapping_alone(tmp_path):
    mapping = {
        "fields": {
            "order_number": "Bill", "code": "Article", "quantity": "Pieces", "created_at": ["When"], "paid_at": ["When"],
            "unit_price": "Each", "buyer_id": "Who",
        },
        "constants": {"state": "finished"},
        "rules": {"credit_prefix": "C", "upper": ["code"], "strip_suffix": {"buyer_id": ".0"}, "non_goods": ["POST"]},
    }  # fmt: skip
    found = retail(
        tmp_path, "1,a1,2,2010-12-01 08:26:00,2.50,7.0", "C1,a1,-2,2010-12-02 08:26:00,2.50,7.0",
        head="Bill,Article,Pieces,When,Each,Who\n", fmt=MappedFormat(mapping),
    )  # fmt: skip

    assert [(r["rec"], r["code"], r["quantity"], r["buyer_id"]) for r in found.records] == [
        ("line", "A1", 2, "7"),
        ("refund", "A1", 2, "7"),
    ]


def test_a_saved_mapping_is_found_by_its_columns(tmp_path):
    saved = SavedMapping.objects.create(
        name="Counter sales",
        content={"fields": {"order_number": "Bill", "created_at": "When", "paid": "Paid"}},
        created_at="2026-03-01T00:00:00Z",
    )

    found = retail(tmp_path, "1,2010-12-01 08:26:00,2.50", head="Bill,When,Paid\n")

    assert found.format == f"saved:{saved.pk}"
    assert base.get(found.format).title == "Counter sales"
    assert found.records[0]["paid"] == Decimal("2.50")


def test_the_tmall_report_adds_refunds_back_and_leaves_the_state_unknown(tmp_path):
    head = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n"
    found = retail(
        tmp_path,
        "1,178.8,0.0,上海,2020-02-21 00:00:00,,0.0",
        "2,21.0,21.0,内蒙古自治区,2020-02-20 23:59:54,2020-02-21 00:00:02,0.0",
        "3,37.0,0.0,广东省,2020-02-20 23:59:35,2020-02-21 00:00:10,37.0",
        head=head,
    )

    assert found.format == "tmall_report"
    assert [(r["state"], r["paid"], r["province"]) for r in found.records] == [
        ("closed_unpaid", 0, "上海市"),
        ("unknown", Decimal("21.0"), "内蒙古自治区"),
        ("closed_refunded", Decimal("37.0"), "广东省"),
    ]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ([], "A mapping needs “fields”: our field names with the file's column titles."),
        ({"fields": {}}, "A mapping needs “fields”: our field names with the file's column titles."),
        ({"fields": {"order_number": "A", "colour": "B"}}, "Unknown fields: colour"),
        ({"fields": {"order_number": 3}}, "The field “order_number” needs a column title or a list of them."),
        ({"fields": {"order_number": "A"}}, "The mapping lacks the fields created_at."),
        ({"fields": {"order_number": "A", "created_at": "B"}, "rules": {"magic": 1}}, "Unknown rules: magic"),
        (
            {"fields": {"order_number": "A", "created_at": "B"}, "rules": {"credit_prefix": 7}},
            "The rule “credit_prefix” has a value it cannot take.",
        ),
        (
            {"fields": {"order_number": "A", "created_at": "B"}, "constants": {"state": "gone"}},
            "“gone” is no state of an order.",
        ),
        ({"fields": {"order_number": "A", "created_at": "B"}, "extra": 1}, "Unknown part of the mapping: extra"),
    ],
)
def test_a_mapping_that_means_nothing_says_what_is_wrong(mapping, message):
    with pytest.raises(FileRefused) as caught:
        MappedFormat(mapping)

    assert str(caught.value) == message


def test_every_format_has_a_name_and_a_grain_of_its_own():
    found = base.built_in()

    assert len({item.code for item in found}) == len(found) == 12
    assert {item.grain for item in found} == {"order", "line", "refund"}
    assert all(str(item.title) for item in found)
