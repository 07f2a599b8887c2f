"""Rows and files that are refused: with their reasons, in the reader's language, and back as a file."""

import csv
import io

import pytest
from django.utils import translation

from products.orders import import_pages
from products.orders.models import Order
from shopops.exchange.models import ImportReject
from tests.factories.orders import make_channel
from tests.products.orders.bringing import BAD, HEADER, a_batch, brought, openpyxl_rows, work
from tests.products.orders.formats.records import SAMPLES

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refused_row_refuses_the_file_until_good_rows_only_is_chosen(planner, shop):
    batch = brought(planner, BAD)
    assert batch.state == "refused"
    page = planner.get(f"/orders/imports/{batch.pk}/").content.decode()
    assert "Quantity" in page
    assert "two" in page

    planner.post(f"/orders/imports/{batch.pk}/run/")
    work()
    assert Order.objects.count() == 0

    planner.post(f"/orders/imports/{batch.pk}/run/", {"skip_bad": "1"})
    work()
    batch.refresh_from_db()
    assert (batch.state, Order.objects.count(), batch.counts["refused"]) == ("done", 2, 1)


def test_the_refused_rows_come_back_as_a_file_with_reasons_that_imports_again(planner, shop):
    batch = brought(planner, BAD)

    response = planner.get(f"/orders/imports/{batch.pk}/refused.csv")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))

    assert rows[0][:4] == ["InvoiceNo", "StockCode", "Description", "Quantity"]
    assert rows[1][:4] == ["536367", "22634", "WARMER", "two"]
    assert "Quantity" in rows[1][-1]
    rows[1][3] = "2"
    mended = io.StringIO()
    csv.writer(mended).writerows(rows)
    again = brought(planner, mended.getvalue(), name="mended.csv")
    assert again.state == "checked"


def test_who_may_not_uncover_gets_refused_rows_without_persons_and_without_columns_nobody_knows(
    planner, client_of, shop
):
    """JD's address is read into a field of another name, and no format knows what an unknown column holds."""
    head = "订单号,商品ID,商品名称,订购数量,下单时间,京东价,订单金额,订单状态,客户姓名,客户地址,联系电话,付款确认时间,备用联系方式"
    row = "2601,77,毛衣,两件,2026-03-23 10:00:00,99.00,99.00,完成,林小雨,文三路 9 号,15400000001,2026-03-23 10:01:00,15400000002"
    batch = brought(planner, f"{head}\n{row}\n", name="jd.csv", format="jd_orders")

    def refused(client):
        answer = client.get(f"/orders/imports/{batch.pk}/refused.csv")
        said, row, *_more = csv.reader(io.StringIO(_text(answer)))
        assert ("hidden" in said[-1]) is (client is planner)
        return row

    assert "hidden in it as ****" in planner.get(f"/orders/imports/{batch.pk}/").content.decode()
    assert refused(planner)[8:13] == ["****", "****", "****", "2026-03-23 10:01:00", "****"]
    assert refused(planner)[:4] == ["2601", "77", "毛衣", "两件"]
    assert refused(client_of("manager"))[8:13] == [
        "林小雨",
        "文三路 9 号",
        "15400000001",
        "2026-03-23 10:01:00",
        "15400000002",
    ]
    type(batch).objects.filter(pk=batch.pk).update(reading={})  # headings nobody read: nothing is known to be open
    assert set(refused(planner)[:-1]) == {"****"}


def _text(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_contradicting_rows_come_back_whole_and_import_again_once_mended(planner):
    make_channel("tb", platform="taobao")
    sample = (SAMPLES / "taobao" / "ExportOrderList_54cols.csv").read_bytes().decode("gb18030").splitlines()
    twice = [*sample, sample[1].replace("317.00", "318.00")]
    batch = brought(planner, "\r\n".join(twice) + "\r\n", channel="tb")
    assert (batch.state, batch.counts["refused"]) == ("refused", 2)

    response = planner.get(f"/orders/imports/{batch.pk}/refused.csv")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 3
    assert "300000000000000101" in rows[1][0]
    assert "row 9" in rows[1][-1]

    mended = io.StringIO()
    csv.writer(mended).writerows(rows[:2])
    again = brought(planner, mended.getvalue(), name="mended.csv", channel="tb")
    assert (again.state, again.counts["new"]) == ("checked", 1)


def test_every_row_of_an_order_with_a_contradiction_is_refused_by_its_number(planner):
    make_channel("tb", platform="taobao")
    rows = openpyxl_rows("taobao/suborder_2026.xlsx")
    key, paid = rows[0].index("子订单编号"), rows[0].index("买家实付金额")
    order = rows[0].index("主订单编号")
    whole = [row for row in rows[1:] if sum(other[order] == row[order] for other in rows) > 1]
    twin = list(whole[0])
    twin[paid] = str(float(twin[paid]) + 1)
    text = io.StringIO()
    csv.writer(text).writerows([rows[0], *rows[1:], twin])

    batch = brought(planner, text.getvalue(), channel="tb")

    lines = sum(row[order] == twin[order] for row in rows[1:])
    assert (lines, key >= 0) == (2, True)
    assert batch.counts["refused"] == lines + 1
    assert sorted(batch.rejects.values_list("row_no", flat=True)) == sorted(
        [number for number, row in enumerate(rows[1:], 2) if row[order] == twin[order]] + [len(rows) + 1]
    )
    assert batch.counts["staged"] == len(rows) - 1 - lines


def test_a_reason_s_example_is_one_row_and_each_row_counts_once(planner, shop):
    lines = [
        "536367,22634,WARMER,1,yesterday,1.85,17851,United Kingdom",
        "536368,22634,WARMER,1,2010-02-30 10:00:00,1.85,17851,United Kingdom",
        '"5363\n69",22634,WARMER,1,2010-12-01 10:00:00,1.85,17851,United Kingdom',
    ]
    batch = brought(planner, HEADER + "\n".join(lines) + "\n")

    reasons = planner.get(f"/orders/imports/{batch.pk}/").context["reasons"]

    told = [(reason["column"], reason["count"], reason["first"], reason["value"]) for reason in reasons]
    assert told[0] == ("InvoiceDate", 2, 2, "yesterday")
    assert told[1][:3] == ("InvoiceNo", 1, 4)
    assert batch.rejects.count() == 3


def test_a_check_that_ends_while_the_page_is_made_is_not_called_broken_off(planner, shop):
    batch = brought(planner, BAD)
    assert batch.state == "refused"
    batch.state = "checking"  # as it was read a moment before

    context = import_pages.import_context(planner.get("/orders/imports/").wsgi_request, batch)

    assert (context["stage"], context["record"].state) == ("refused", "refused")


TAOBAO = (
    "订单编号,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,退款金额\n"
    "30001,一,12.50,交易成功,2026-03-01 09:15:00,2026-03-01 09:16:00,0.00\n"
)
SAID = {  # language → the whole refusal, the row's reason, the format
    "en": ("Rows refused: 1; nothing was imported.", "Not an amount. Write it like 1234.50.", "Taobao order list"),
    "zh-hans": ("有 1 行被拒绝，未写入任何数据。", "不是金额。请写成 1234.50 这样。", "淘宝订单列表"),
}


@pytest.mark.parametrize("working", SAID)
def test_a_refusal_is_read_in_the_readers_language_whatever_the_worker_spoke(client_of, shop, settings, working):
    planner = client_of("planner")
    with translation.override(working):
        batch = brought(planner, TAOBAO)

    for reader, words in SAID.items():
        planner.cookies[settings.LANGUAGE_COOKIE_NAME] = reader
        shown = planner.get(f"/orders/imports/{batch.pk}/").content.decode()
        download = b"".join(planner.get(f"/orders/imports/{batch.pk}/refused.csv").streaming_content).decode()
        told = planner.get(f"/api/v1/orders/imports/{batch.job_id}/").json()

        assert all(word in shown for word in words)
        assert words[1] in download
        assert told["files"][0]["refusal"] == {"code": "rows", "message": words[0]}
        assert [reject["message"] for reject in told["rejects"]] == [words[1]]
        others = SAID.keys() - {reader}
        assert not any(word in shown for other in others for word in SAID[other][:2])


def test_a_whole_file_refused_names_row_and_column_in_the_readers_language(client_of, shop, settings):
    planner = client_of("planner")
    with translation.override("zh-hans"):
        batch = brought(planner, "订单编号,总金额,买家实际支付金额,退款金额,订单备注\n1,2,3,4,5\n")

    planner.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    shown = planner.get(f"/orders/imports/{batch.pk}/").content.decode()

    assert "Columns missing for “Taobao order list”: 订单状态、订单创建时间、订单付款时间" in shown
    assert "Row 1 · Column “订单状态”" in shown


def test_a_refusal_from_before_there_were_languages_is_read_as_it_was_written(client_of):
    batch = a_batch(refusal={"code": "rows", "message": "2 rows were refused."}, notices=[{"message": "As then."}])
    ImportReject.objects.create(batch=batch, row_no=2, code="money", message="No amount.")

    shown = client_of("planner").get(f"/orders/imports/{batch.pk}/").content.decode()

    assert all(text in shown for text in ("2 rows were refused.", "As then.", "No amount."))
