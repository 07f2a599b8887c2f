"""Who takes a file along is noted before it is made: what, how much, of which classes; ten an hour; a number in each."""

import io
import json
from datetime import timedelta
from threading import Barrier, Thread
from zipfile import ZipFile

import pytest
from django.core.signals import request_finished
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation

from shopops import clock
from shopops.approvals import services as approvals
from shopops.approvals.models import Approval
from shopops.exchange import register
from shopops.exchange.models import Export
from shopops.exchange.retention import remove_exports
from shopops.history.models import Change
from tests.factories.comments import make_comment
from tests.factories.exports import make_export
from tests.factories.orders import make_channel, make_order

pytestmark = pytest.mark.django_db
PHONE, NAME = "15400009876", "卡纳瑞阿姨"


@pytest.fixture
def orders():
    shop = make_channel("tmall", title="Tmall")
    return [make_order(shop, number=f"A-{number}", buyer=NAME) for number in range(3)]


def taken(client, query, path="/orders/"):
    answer = client.get(f"{path}?{query}")
    return answer, answer.getvalue()


def test_a_list_is_noted_with_its_filters_columns_classes_and_rows(client_of, orders):
    analyst = client_of("analyst")

    answer, body = taken(analyst, "export=csv&channel=tmall&cols=number,buyer,paid&paid_from=2020-01-01")

    row = Export.objects.get()
    assert (row.user, row.kind, row.what, row.format, row.state) == (analyst.user, "list", "orders:list", "csv", "done")
    assert row.rows == body.decode("utf-8-sig").count("\r\n") - 1
    assert row.request_id == answer.headers["X-Request-ID"]
    columns = dict(zip(row.words["columns"], row.column_classes, strict=True))
    assert columns["Buyer"] == "personal"
    assert set(columns.values()) == {"", "personal"}
    assert (row.classes, row.is_masked) == (["personal"], True)
    assert ["Channel", "Tmall"] in row.words["filters"]
    assert any(words.startswith("2020-01-01") for _label, words in row.words["filters"])
    assert row.ended_at >= row.at


def test_it_is_told_in_the_readers_language(client_of, orders):
    taken(client_of("analyst"), "export=csv")

    row = Export.objects.get()
    with translation.override("zh-hans"):
        assert row.words["title"] == "订单"
    assert row.words["title"] == "Orders"


@pytest.mark.parametrize("typed", [f"q={PHONE}", f"q={NAME}", f"province={NAME}", f"sku={PHONE}", f"customer={PHONE}"])
def test_what_was_typed_stands_nowhere_in_the_register_or_the_history(client_of, orders, typed):
    taken(client_of("manager"), f"export=csv&{typed}")

    row = Export.objects.get()
    kept = json.dumps([row.told, *Change.objects.filter(row_id=row.pk).values_list("changes", flat=True)])
    assert not [text for text in (PHONE, NAME) if text in kept or json.dumps(text)[1:-1] in kept]
    assert "…" in dict(row.words["filters"]).values()


def test_the_number_stands_in_the_name_and_nowhere_in_a_csv_file(client_of, orders):
    answer, body = taken(client_of("analyst"), "export=csv&cols=number")

    mark = Export.objects.get().mark
    assert answer.headers["Content-Disposition"].endswith(f'-{mark}.csv"')
    assert sorted(body.decode("utf-8-sig").split()) == ["A-0", "A-1", "A-2", "Order"]


def test_a_workbook_bears_its_number_in_its_properties_and_printed_at_its_foot(client_of, orders):
    analyst = client_of("analyst")

    answer, body = taken(analyst, "export=xlsx&cols=number")

    row = Export.objects.get()
    assert f"-{row.mark}.xlsx" in answer.headers["Content-Disposition"]
    assert (row.rows, row.state) == (3, "done")
    with ZipFile(io.BytesIO(body)) as book:
        assert row.mark in book.read("docProps/core.xml").decode()
        assert row.mark in book.read("docProps/custom.xml").decode()
        footer = book.read("xl/worksheets/sheet1.xml").decode().partition("<oddFooter>")[2]
    assert row.mark in footer
    assert analyst.user.full_name in footer


def test_a_file_somebody_broke_off_is_told_so(client_of, orders, monkeypatch):
    monkeypatch.setattr(request_finished, "send", lambda **_said: [])  # it would close the test's own connection
    answer = client_of("analyst").get("/orders/?export=csv&cols=number")
    assert Export.objects.get().state == "begun"

    next(answer.streaming_content)
    answer.close()  # as the web server does when the browser went away

    row = Export.objects.get()
    assert (row.state, row.rows) == ("broken", 0)


def test_a_file_that_could_not_be_made_is_told_so_too(client_of, orders, monkeypatch):
    monkeypatch.setattr("shopops.ui.exports.write_xlsx", lambda *_args, **_more: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        client_of("analyst").get("/orders/?export=xlsx")

    assert Export.objects.get().state == "broken"


def test_a_file_somebody_agreed_to_names_the_request(client_of, orders, make_user, settings):
    settings.EXPORT_FREE_ROWS = 1
    analyst = client_of("analyst")
    wish = {"path": "/orders/", "query": "cols=number", "kind": "csv", "reason": "Yearly audit"}
    analyst.post("/ui/export/", wish)
    asked = Approval.objects.get()
    approvals.decide(asked.pk, approve=True, by=make_user("manager"))

    taken(analyst, "", f"/ui/export/{asked.pk}/")

    row = Export.objects.get()
    assert (row.approval, row.rows, row.what) == (asked, 3, "orders:list")
    assert f"/approvals/{asked.pk}/" in analyst.get(f"/exports/{row.pk}/").content.decode()


# --- the limit


def test_the_eleventh_within_an_hour_waits_and_is_told_until_when(client_of, orders, settings):
    assert settings.EXPORTS_AN_HOUR == 10
    analyst = client_of("analyst")
    for _time in range(10):
        assert taken(analyst, "export=csv&cols=number")[0].status_code == 200
    first = Export.objects.order_by("at").first()
    Export.objects.filter(pk=first.pk).update(at=clock.now() - timedelta(minutes=48))

    answer = analyst.get("/orders/?export=csv&cols=number")

    assert answer.status_code == 429
    assert 11 * 60 < int(answer.headers["Retry-After"]) <= 12 * 60
    assert "in 12 minutes" in answer.content.decode()
    assert 'href="/orders/?cols=number"' in answer.content.decode()
    assert Export.objects.count() == 10
    analyst.cookies["shopops_language"] = "zh-hans"
    assert "12 分钟" in analyst.get("/orders/?export=csv").content.decode()
    assert taken(client_of("manager"), "export=csv")[0].status_code == 200  # of another person

    Export.objects.filter(pk=first.pk).update(at=clock.now() - timedelta(minutes=61))
    assert taken(analyst, "export=csv")[0].status_code == 200


def test_what_colleagues_attached_is_noted_and_not_counted(client_of, orders, settings):
    settings.EXPORTS_AN_HOUR = 1
    agent = client_of("manager")
    attached = make_comment(orders[0], by=agent.user, files=["13800006027.png"]).files.get()

    for _time in range(2):
        taken(agent, "", reverse("collaboration:file", args=[attached.pk]))

    assert [row.kind for row in Export.objects.all()] == ["attachment"] * 2
    assert "13800006027" not in str(list(Export.objects.values()))
    assert taken(agent, "export=csv")[0].status_code == 200


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_pass_the_limit_together(make_user, settings):
    settings.EXPORTS_AN_HOUR = 3
    user, begin, passed = make_user("analyst"), Barrier(8), []

    def one():
        try:
            begin.wait()
            make_export(user)
            passed.append(True)
        except register.TooManyFiles:
            passed.append(False)
        finally:
            connection.close()

    threads = [Thread(target=one) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(passed) == [False] * 5 + [True] * 3
    assert Export.objects.count() == 3


# --- the pages


def page(client, path="/exports/", **query):
    return client.get(path, query).content.decode()


@pytest.fixture
def files(make_user):
    """Two people's files, one of them with personal data in full."""
    one, other = make_user("analyst", full_name="Ann Analyst"), make_user("planner", full_name="Pat Planner")
    return make_export(one), make_export(other, title="Refused rows", what="orders:import_rejects", is_masked=False)


@pytest.mark.parametrize("role", ["manager", "owner", "administrator"])
def test_the_register_is_open_to_who_looks_after_it(client_of, files, role):
    shown = page(client_of(role))

    assert all(row.mark in shown and row.user.full_name in shown for row in files)


def test_everybody_sees_their_own_files_and_nobody_elses(client_of, files):
    marketer = client_of("marketer")
    own = make_export(marketer.user)

    assert marketer.get("/exports/").status_code == 403
    assert own.mark in page(marketer, "/exports/mine/")
    assert files[0].mark not in page(marketer, "/exports/mine/")
    assert marketer.get(f"/exports/{own.pk}/").status_code == 200
    assert marketer.get(f"/exports/{files[0].pk}/").status_code == 404


def test_a_leaked_file_is_found_by_its_name_who_what_and_kind_of_data(client_of, files):
    masked, full = files
    manager = client_of("manager")

    assert full.mark in (found := page(manager, q=f"orders-20261129-{full.mark}.csv"))
    assert masked.mark not in found
    assert full.mark not in page(manager, q="orders.csv")
    assert full.mark in (found := page(manager, holds="open"))
    assert masked.mark not in found
    assert masked.mark in page(manager, holds="personal")
    assert masked.mark not in page(manager, who=str(full.user_id))
    assert masked.mark in (found := page(manager, what="orders:list"))
    assert full.mark not in found


def test_a_files_page_says_who_and_leads_to_the_person_who_leads_back(client_of, files):
    manager, row = client_of("manager"), files[1]

    shown = page(manager, f"/exports/{row.pk}/")

    assert f"/accounts/{row.user_id}/" in shown
    assert "personal data, in full" in shown
    assert f"/exports/?who={row.user_id}" in page(manager, f"/accounts/{row.user_id}/")


def test_the_access_log_shows_it_and_leads_there(client_of, files):
    manager = client_of("manager")

    assert f"/exports/{files[0].pk}/" in page(manager, "/reveals/", what="export")
    assert Change.objects.filter(op="export", row_id=files[0].pk, actor=files[0].user).count() == 1


def test_the_register_itself_is_taken_along_and_noted(client_of, files):
    manager = client_of("manager")

    _answer, body = taken(manager, "export=csv", "/exports/")

    own = Export.objects.get(user=manager.user)
    assert own.what == "exchange:exports"
    assert own.mark not in body.decode()
    assert files[0].mark in body.decode()


def test_the_list_costs_the_same_whatever_its_length(client_of, files, django_assert_num_queries):
    manager = client_of("manager")
    page(manager)
    with connection.execute_wrapper(counter := Counted()):
        page(manager)
    for _time in range(5):
        make_export(files[0].user)

    with django_assert_num_queries(counter.count):
        page(manager)


class Counted:
    count = 0

    def __call__(self, execute, *given):
        self.count += 1
        return execute(*given)


def test_the_register_forgets_after_its_days_and_the_history_does_not(files):
    old, young = files
    Export.objects.filter(pk=old.pk).update(at=clock.now() - timedelta(days=1097))

    assert remove_exports(clock.now() - timedelta(days=1096)) == 1

    assert Export.objects.get() == young
    assert {"export", "delete"} <= set(Change.objects.filter(row_id=old.pk).values_list("op", flat=True))


# --- the gate


def test_a_file_that_nobody_noted_does_not_leave(rf):
    from django.core.exceptions import ImproperlyConfigured

    from shopops.exchange.middleware import FilesLeave

    planted = HttpResponse(b"a,b", headers={"Content-Disposition": 'attachment; filename="orders.csv"'})

    with pytest.raises(ImproperlyConfigured, match="without"):
        FilesLeave(lambda _request: planted)(rf.get("/orders/"))
