"""Importing in the browser: files in, preview, written, taken back; and what goes wrong on the way."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from products.channels.models import Channel
from products.orders import import_pages, imports
from products.orders.models import Order
from shopops import clock
from shopops.exchange.models import ImportBatch, ImportReject, SavedMapping, Upload
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from tests.factories.orders import make_channel, make_order
from tests.products.orders.formats.records import SAMPLES

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = (
    HEADER
    + "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n536366,22633,WARMER,2,2010-12-01 08:28:00,1.85,17850,United Kingdom\n"
)
BAD = GOOD + "536367,22634,WARMER,two,2010-12-01 08:29:00,1.85,17851,United Kingdom\n"


def a_batch(**fields):
    """An import that is done, without a file."""
    now = clock.now()
    upload = Upload.objects.create(sha256=b"0" * 32, name="orders.csv", size=1, created_at=now)
    return ImportBatch.objects.create(upload=upload, channel_code="made", created_at=now, state="done", **fields)


def openpyxl_rows(path):
    """All rows of a sample workbook, empty cells as empty text."""
    sheet = openpyxl.load_workbook(SAMPLES / path).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]


def work():
    """Do what the workers would do, here and now."""
    for job in Job.objects.filter(state="queued").order_by("pk"):
        jobs.perform(job.pk)


def brought(client, text, name="orders.csv", **data):
    data = {"channel": "uk", **data}
    response = client.post("/orders/imports/new/", {"files": SimpleUploadedFile(name, text.encode()), **data})
    assert response.status_code == 302, response.content.decode()
    work()
    return ImportBatch.objects.latest("pk")


@pytest.fixture
def shop():
    return make_channel("uk", currency="GBP", time_zone="Europe/London")


@pytest.fixture
def planner(client_of):
    return client_of("planner")


def test_a_file_is_checked_then_written_and_its_counts_lead_to_its_orders(planner, shop):
    batch = brought(planner, GOOD)
    preview = planner.get(f"/orders/imports/{batch.pk}/")
    assert (batch.state, Order.objects.count()) == ("checked", 0)
    assert "536365" in preview.content.decode()

    planner.post(f"/orders/imports/{batch.pk}/run/")
    work()

    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"]) == ("done", 2)
    page = planner.get(f"/orders/imports/{batch.pk}/").content.decode()
    assert f"/orders/?batch={batch.pk}&amp;what=new" in page
    listed = planner.get(f"/orders/?batch={batch.pk}&what=new")
    assert len(listed.context["lines"]) == 2


def test_two_clicks_write_once(planner, shop):
    batch = brought(planner, GOOD)

    planner.post(f"/orders/imports/{batch.pk}/run/")
    planner.post(f"/orders/imports/{batch.pk}/run/")
    work()
    planner.post(f"/orders/imports/{batch.pk}/run/")
    work()

    assert Order.objects.count() == 2
    assert Job.objects.filter(kind="products.orders.imports.run").count() == 1


def test_sending_the_same_form_twice_brings_the_file_once(planner, shop):
    once = planner.get("/orders/imports/new/").context["form"]["once"].value()

    for _click in range(2):
        file = SimpleUploadedFile("orders.csv", GOOD.encode())
        planner.post("/orders/imports/new/", {"files": file, "channel": "uk", "once": once})

    assert ImportBatch.objects.count() == 1


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
        return next(row for row in list(csv.reader(io.StringIO(_text(answer))))[1:])

    assert refused(planner)[8:13] == ["****", "****", "****", "2026-03-23 10:01:00", "****"]
    assert refused(planner)[:4] == ["2601", "77", "毛衣", "两件"]
    assert refused(client_of("manager"))[8:13] == [
        "林小雨",
        "文三路 9 号",
        "15400000001",
        "2026-03-23 10:01:00",
        "15400000002",
    ]


def _text(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_cancelled_before_writing_nothing_is_written(planner, shop):
    batch = brought(planner, GOOD)

    planner.post(f"/orders/imports/{batch.pk}/cancel/")
    planner.post(f"/orders/imports/{batch.pk}/run/")
    work()

    batch.refresh_from_db()
    assert (batch.state, Order.objects.count()) == ("cancelled", 0)


def test_an_import_is_taken_back_whole(planner, shop):
    batch = brought(planner, GOOD)
    planner.post(f"/orders/imports/{batch.pk}/run/")
    work()
    assert "Take this import back" in planner.get(f"/orders/imports/{batch.pk}/").content.decode()

    planner.post(f"/orders/imports/{batch.pk}/undo/")
    assert planner.get(f"/orders/imports/{batch.pk}/").context["is_live"]
    work()

    batch.refresh_from_db()
    assert (batch.state, Order.objects.count()) == ("undone", 0)


def test_the_channel_is_proposed_by_the_shops_name_and_asked_for_where_it_is_not_clear(planner, shop):
    file = SimpleUploadedFile("orders.csv", GOOD.encode())

    response = planner.post("/orders/imports/new/", {"files": file, "channel": ""})

    assert response.status_code == 422
    kept = response.context["kept"]
    again = planner.post("/orders/imports/new/", {"channel": "uk", "kept": [kept[0].pk]})
    assert again.status_code == 302


def test_nobody_imports_a_file_somebody_else_brought(planner, client_of, shop):
    file = SimpleUploadedFile("orders.csv", GOOD.encode())
    theirs = planner.post("/orders/imports/new/", {"files": file, "channel": ""}).context["kept"][0]

    response = client_of("manager").post("/orders/imports/new/", {"channel": "uk", "kept": [theirs.pk]})

    assert response.status_code == 422
    assert ImportBatch.objects.count() == 0


def test_a_new_channel_is_made_on_the_way_by_those_who_may(planner, client_of):
    data = {"channel": "new", "title": "Corner shop", "currency": "gbp", "platform": "site"}

    planner.post("/orders/imports/new/", {"files": SimpleUploadedFile("a.csv", GOOD.encode()), **data})
    refused = client_of("analyst").post(
        "/orders/imports/new/", {"files": SimpleUploadedFile("a.csv", GOOD.encode()), **data, "title": "Other"}
    )

    assert Channel.objects.get(title="Corner shop").currency == "GBP"
    assert refused.status_code == 422
    assert not Channel.objects.filter(title="Other").exists()


def test_numbers_known_in_another_channel_stop_it_until_confirmed(planner, shop):
    make_order(make_channel("other"), number="536365")
    batch = brought(planner, GOOD)

    refused = planner.post(f"/orders/imports/{batch.pk}/run/")
    assert refused.status_code == 422
    planner.post(f"/orders/imports/{batch.pk}/run/", {"confirmed": "1"})
    work()

    batch.refresh_from_db()
    assert (batch.state, Order.objects.filter(channel=shop).count()) == ("done", 2)


def test_several_files_are_one_import_all_or_none(planner, shop):
    files = [
        SimpleUploadedFile("a.csv", GOOD.encode()),
        SimpleUploadedFile("b.csv", GOOD.replace("5363", "6363").encode()),
    ]
    planner.post("/orders/imports/new/", {"files": files, "channel": "uk"})
    work()
    first = ImportBatch.objects.earliest("pk")

    page = planner.get(f"/orders/imports/{first.pk}/").content.decode()
    assert "a.csv" in page
    assert "b.csv" in page
    planner.post(f"/orders/imports/{first.pk}/run/")
    work()

    assert Order.objects.count() == 4


UNKNOWN = "Nr,When,What,How many,Each\n1,2026-03-24 12:00:00,Shirt,2,10.00\n"


def test_columns_of_an_unknown_file_are_given_a_meaning_and_kept_for_the_next(planner, shop):
    batch = brought(planner, UNKNOWN)
    assert batch.state == "refused"
    page = planner.get(f"/orders/imports/{batch.pk}/mapping/")
    assert "How many" in page.content.decode()

    chosen = dict(
        zip(
            [f"column_{n}" for n in range(5)],
            ["order_number", "created_at", "title", "quantity", "unit_price"],
            strict=True,
        )
    )
    response = planner.post(
        f"/orders/imports/{batch.pk}/mapping/", {**chosen, "state": "finished", "name": "Corner shop"}
    )
    work()

    again = ImportBatch.objects.latest("pk")
    assert response.status_code == 302
    assert (again.state, again.counts["new"]) == ("checked", 1)
    assert SavedMapping.objects.get().name == "Corner shop"
    other = brought(planner, UNKNOWN.replace("1,2026", "2,2026"), name="next.csv")
    assert other.state == "checked"


def test_renamed_headers_of_invoices_are_mapped_in_the_page_alone_with_the_same_money(planner, shop):
    text = GOOD.replace(HEADER, "Beleg,Artikel,Text,Menge,Zeit,Preis,Kunde,Land\n").replace("17850,", "17850.0,")
    batch = brought(planner, text)
    fields = ["order_number", "code", "title", "quantity", "created_at paid_at", "unit_price", "buyer_id", "province"]
    chosen = {f"column_{number}": field for number, field in enumerate(fields)}

    planner.post(f"/orders/imports/{batch.pk}/mapping/", {**chosen, "state": "finished", "row": "line", "whole": "on"})
    work()
    again = ImportBatch.objects.latest("pk")
    planner.post(f"/orders/imports/{again.pk}/run/")
    work()

    orders = Order.objects.order_by("number").values_list("number", "paid", "buyer_key")
    assert [(number, str(paid.normalize()), key) for number, paid, key in orders] == [
        ("536365", "15.3", "id:17850"),
        ("536366", "3.7", "id:17850"),
    ]
    page = planner.get(f"/orders/imports/{again.pk}/mapping/")
    assert page.context["form"]["column_4"].value() == "created_at paid_at"


@pytest.mark.parametrize(
    "chosen",
    [{}, {"column_0": "title"}, {"column_0": "order_number", "column_1": "order_number"}, {"column_0": "password"}],
)
def test_a_mapping_that_cannot_work_is_refused_with_its_reason(planner, shop, chosen):
    batch = brought(planner, UNKNOWN)

    assert planner.post(f"/orders/imports/{batch.pk}/mapping/", chosen).status_code == 422
    assert ImportBatch.objects.count() == 1


def test_a_script_in_a_file_is_shown_as_text(planner, shop):
    payload = "<script>alert(1)</script>"
    batch = brought(planner, GOOD.replace("HOLDER", payload), name=f"{payload}.csv")

    page = planner.get(f"/orders/imports/{batch.pk}/").content.decode()

    assert payload not in page
    assert "&lt;script&gt;" in page


def test_work_whose_worker_is_gone_says_so_instead_of_standing_still(planner, shop):
    from products.orders.import_pages import progress  # noqa: PLC0415

    now = clock.now()
    lost = Job(state="running", lease_until=now.replace(year=now.year - 1), phase="comparing", created_at=now)

    assert "another worker continues" in progress(lost, now)["warning"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("planner", 200),
        ("warehouse_clerk", 200),
        ("analyst", 200),
        ("service_agent", 403),
        ("owner", 403),
        ("designer", 403),
    ],
)
def test_files_are_brought_by_those_who_import(client_of, role, status):
    assert client_of(role).get("/orders/imports/new/").status_code == status


def test_changing_is_by_post_only(planner, shop):
    batch = a_batch()

    for step in ("run", "cancel", "undo", "again"):
        assert planner.get(f"/orders/imports/{batch.pk}/{step}/").status_code == 405


def test_the_history_of_imports_says_how_far_each_channels_data_reach(planner, shop):
    with acting(SYSTEM):
        Channel.objects.filter(pk=shop.pk).update(data_through=clock.now())
    a_batch(counts={"new": 3})

    page = planner.get("/orders/imports/").content.decode()

    assert shop.title in page
    assert "orders.csv" in page


def test_a_file_read_but_not_counted_yet_is_still_shown_as_working(planner, shop):
    batch = brought(planner, GOOD)
    Job.objects.filter(pk=batch.job_id).update(state="running", lease_until=clock.now() + timedelta(minutes=1))
    ImportBatch.objects.filter(pk=batch.pk).update(counts={"rows": 2, "staged": 2, "refused": 0})

    assert planner.get(f"/orders/imports/{batch.pk}/").context["is_live"]


def test_a_check_broken_off_before_counting_is_counted_by_the_next_worker(planner, shop):
    batch = brought(planner, GOOD)
    ImportBatch.objects.filter(pk=batch.pk).update(counts={"rows": 2, "staged": 2, "refused": 0})
    Job.objects.filter(pk=batch.job_id).update(state="queued")
    work()

    batch.refresh_from_db()
    assert batch.counts["new"] == 2


def test_order_numbers_known_in_another_channel_are_written_only_when_that_is_confirmed(planner, shop):
    make_order(make_channel("other"), number="536365")
    batch = brought(planner, GOOD)
    assert batch.counts["known_elsewhere"] == 1

    refused = planner.post(f"/orders/imports/{batch.pk}/run/")
    work()
    assert refused.status_code == 422
    assert "known in another channel" in refused.content.decode()
    assert Order.objects.filter(channel=shop).count() == 0

    planner.post(f"/orders/imports/{batch.pk}/run/", {"confirmed": "1"})
    work()
    assert Order.objects.filter(channel=shop).count() == 2


def test_without_the_page_a_job_refuses_numbers_of_another_channel_too(planner, shop):
    make_order(make_channel("other"), number="536365")
    batch = brought(planner, GOOD)
    imports.submit(imports.RUN, [batch], by=None)
    work()

    batch.refresh_from_db()
    assert (batch.state, batch.refusal["code"]) == ("refused", "known_elsewhere")
    assert Order.objects.filter(channel=shop).count() == 0


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
