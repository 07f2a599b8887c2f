"""Every list of the product as a file: the same cells as on the page, read without a model instance a row."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import get_resolver
from python_calamine import CalamineWorkbook

from customers.identity.models import Customer
from customers.value.models import CustomerValue
from products.orders.models import Order, OrderContact
from products.refunds.models import Refund
from shopops import clock
from shopops.approvals.services import ask
from shopops.exchange.models import ImportBatch, Upload
from shopops.history.actor import SYSTEM, acting
from shopops.history.services import note_reveal
from shopops.jobs.models import Job
from shopops.ops.models import Mail
from shopops.privacy.models import Request
from shopops.ui import formats
from shopops.ui.pages import ListPage
from shopops.ui.reading import Reading
from tests.factories.exports import make_export
from tests.factories.orders import make_channel, make_item, make_order, make_refund, make_sku

pytestmark = pytest.mark.django_db

GROWING = (
    "/orders/",
    "/refunds/",
    "/customers/",
    "/orders/imports/",
    "/catalogue/items/",
    "/catalogue/skus/",
    "/jobs/",
    "/exports/",
)
ONLY_WHILE_WAITING = {"due_at", "expires_at"}  # pages count down while something waits; files give the moment


def _is_read(view):
    return view.is_exported and "get" in view.http_method_names


def lists():
    def walk(patterns, start):
        for item in patterns:
            path = f"{start}{item.pattern}"
            if hasattr(item, "url_patterns"):
                yield from walk(item.url_patterns, path)
                continue
            view = getattr(item.callback, "view_class", None)
            if view and issubclass(view, ListPage) and _is_read(view) and "<" not in path:
                yield f"/{path}", view

    return dict(walk(get_resolver().url_patterns, ""))


def make_requests(make_user):
    """Two requests that wait, with what is awkward in files; and who may decide them."""
    person = make_user(username="guest")
    for number in (1, 2):
        payload = {"path": "/", "query": "=1+1", "kind": "csv", "title": "=SUM(A1)", "rows": number}
        ask("exports.mass", record=None, payload=payload, reason="@risk", by=person)


@pytest.fixture
def store(make_user):
    """A few of everything, with what is awkward in files."""
    shop, now = make_channel(), clock.now()
    make_item(shop, "=SUM(A1)", title="")
    make_item(shop, "S-1", title="Dress", sku=make_sku("S-1"))
    make_sku("S-2")
    order = make_order(shop, number="-1", paid="1264.5000", buyer="林小美", lines=[("=SUM(A1)", 1, "1264.5")])
    make_order(shop, number="0007", paid="0", buyer="王芳", memo="@risk")
    unknown = make_order(shop, number="0008", buyer="")
    make_refund(order, "12.3400")
    make_refund(order, "1", state="open")
    with acting(SYSTEM):
        contact = OrderContact.objects.create(order=order, name_mask="林**", phone_mask="138****6027")
        Order.objects.filter(pk=unknown.pk).update(paid=None)
        Refund.objects.create(channel=shop, number="~9", order_number="9", amount=5, state="success", is_summary=True)
        customer = Customer.objects.create(name="林小美")
        CustomerValue.objects.create(
            customer=customer, currency="CNY", orders=2, paid=Decimal("99.9000"), net=Decimal(-1), last_paid_at=now
        )
        upload = Upload.objects.create(name="orders.csv", size=1, sha256=b"0" * 32, created_at=now)
        for number in (0, 1234):
            ImportBatch.objects.create(
                upload=upload,
                channel_code=shop.code,
                state="done",
                counts={"new": number, "changed": 5},
                data_through=now,
                created_at=now,
            )
        Job.objects.create(kind="x", key="1", created_at=now, error="=1+1", progress_done=1200, progress_total=4000)
        make_requests(make_user)
        today = clock.today()
        Request.objects.create(
            kind="copy",
            way="chat",
            received_day=today,
            due_day=today,
            created_at=now,
            created_by=make_user("service_lead"),
        )
        Mail.objects.create(subject="+1", recipients=["a@example.com"], source=b"", text="", created_at=now)
    note_reveal(contact, "phone", reason="=delivery", by=make_user("service_agent", username="looks"))
    make_export(make_user("planner", username="takes"), title="=SUM(A1)", filters=[("=A1", "@risk")])
    return shop


def texts_of_file(content):
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return head, rows


def taken(client, url, columns):
    """Take a list along as CSV and take back what noting that added to the register and the access log."""
    with transaction.atomic():
        body = client.get(url, {"cols": columns, "export": "csv"}).getvalue()
        transaction.set_rollback(True)
    return body


def as_on_the_page(column, text):
    """Write a file's text as pages write it."""
    text = text.removeprefix("'")
    match column.format:
        case "money":
            return formats.money(text)
        case "number":
            return formats.number(text)
        case "moment":
            return moment(text)
        case "day":
            return formats.day(date.fromisoformat(text))
    return moment(text) if column.name.endswith("_at") else text


def moment(text):
    return formats.moment(datetime.fromisoformat(text).replace(tzinfo=clock.store_zone()) if text else None)


def agrees(column, cell, text):
    if column.name in ONLY_WHILE_WAITING and not cell.second:
        return True
    shown = as_on_the_page(column, text)
    return shown in {cell.text, cell.second, cell.title} or (shown in {"0.00", "–"} and cell.text == "")


@pytest.mark.parametrize("url", sorted(lists()))
def test_the_file_of_a_list_holds_the_cells_of_its_page(url, store, client_of):
    every = ",".join(lists()[url].table.columns)
    client = client_of("administrator", "manager")

    page = client.get(url, {"cols": every})
    head, rows = texts_of_file(taken(client, url, every))

    table, lines = page.context["table"], page.context["lines"]
    assert lines, f"the fixture `store` makes nothing that {url} lists"
    assert head == [str(column.label) for column in table.shown]
    assert len(rows) == len(lines)
    for line, row in zip(lines, rows, strict=True):
        for column, cell, text in zip(table.shown, line["cells"], row, strict=True):
            assert agrees(column, cell, text), (column.name, cell, text)


@pytest.mark.parametrize("url", sorted(lists()))
def test_a_workbook_says_what_the_csv_file_says_with_numbers_and_times_as_such(url, store, client_of):
    every = ",".join(lists()[url].table.columns)
    client = client_of("administrator", "manager")

    _head, texts = texts_of_file(taken(client, url, every))
    book = client.get(url, {"cols": every, "export": "xlsx"}).getvalue()

    columns = list(lists()[url].table.columns.values())
    _head, *cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(cells) == len(texts)
    for text_row, row in zip(texts, cells, strict=True):
        for column, text, value in zip(columns, text_row, row + [""] * len(text_row), strict=False):
            if column.format in {"money", "number"} and text:
                assert value == pytest.approx(float(text)), column.name
            elif isinstance(value, datetime):
                assert f"{value:%Y-%m-%d %H:%M:%S}" == text
            else:
                assert str(value) == text, column.name


def test_growing_lists_are_read_as_tuples_whatever_columns_are_chosen(make_user, rf):
    user = make_user("administrator", "manager")

    for url in GROWING:
        page = lists()[url]()
        request = rf.get(url)
        request.user = user
        page.setup(request)
        table = page.table([], user=user, chosen=list(page.table.columns))
        assert not Reading(page.get_queryset(), table, typed=False).of_instances, url


def test_a_file_of_orders_makes_no_order_and_asks_once(store, client_of, monkeypatch, django_assert_max_num_queries):
    def refuse(*_args):
        raise AssertionError("An instance was made for a row of a file.")

    client = client_of("manager")
    client.get("/orders/?q=none")
    monkeypatch.setattr(Order, "from_db", refuse)
    monkeypatch.setattr(OrderContact, "from_db", refuse)

    with django_assert_max_num_queries(8 + 11):  # the register: a transaction at the beginning, one at the end
        content = client.get("/orders/?export=csv").getvalue()

    assert len(texts_of_file(content)[1]) == 3


def test_files_mask_people_and_guard_against_formulas_as_before(store, client_of):
    columns = "number,buyer,paid,memo,state"
    _head, rows = texts_of_file(client_of("manager").get(f"/orders/?export=csv&cols={columns}").getvalue())

    found = {row[0]: row[1:] for row in rows}
    assert found["'-1"][:2] == ["林**", "1264.5"]
    assert found["0007"][0] == "王*"
    assert found["0007"][1] == "0"
    assert found["0007"][3] == "'@risk"
    assert found["0008"][:2] == ["–", ""]
