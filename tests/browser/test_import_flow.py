"""An order file, from the drop zone to the orders and back, in a real browser; the other half by keyboard."""

import re

import pytest

from products.orders.models import Order
from shopops.exchange.models import ImportBatch
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from tests.factories.orders import make_channel

pytestmark = pytest.mark.django_db(transaction=True)
IMPORT = re.compile(r"/orders/imports/\d+/$")
TEXT = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536366,22633,WARMER,2,2010-12-01 08:28:00,1.85,17850,United Kingdom
"""
FILE = {"name": "orders.csv", "mimeType": "text/csv", "buffer": TEXT.encode()}


@pytest.fixture
def shop(db):
    return make_channel("uk", currency="GBP", time_zone="Europe/London", title="Corner shop")


def work():
    """Do what a worker would do."""
    for job in Job.objects.filter(state="queued").order_by("pk"):
        jobs.perform(job.pk)


def test_a_file_is_brought_looked_at_written_followed_and_taken_back(login, shop, accessible, fits):
    page = login("planner")
    page.goto("/orders/imports/new/")
    accessible(page)
    page.set_input_files("input[type=file]", FILE)
    page.select_option("select[name=channel]", "uk")
    page.get_by_role("button", name="Check", exact=True).click()

    page.wait_for_url(IMPORT)
    assert page.get_by_text("You may leave this page").is_visible()
    work()
    button = page.get_by_role("button", name="Write 2 rows")
    button.wait_for()  # the page found out by itself
    accessible(page)
    assert Order.objects.count() == 0
    button.click()
    work()
    page.locator("[data-count=new]").get_by_role("link").wait_for()
    page.locator("[data-count=new]").get_by_role("link").click()

    page.wait_for_url("**/orders/?batch=*")
    assert page.locator("tbody tr").count() == 2
    page.go_back()
    page.get_by_role("button", name="Take this import back").click()
    work()
    page.get_by_text("Taken back").first.wait_for()
    assert Order.objects.count() == 0
    fits(page)


def test_all_of_it_by_keyboard(login, shop):
    page = login("planner")
    page.goto("/orders/imports/new/")
    page.set_input_files("input[type=file]", FILE)  # what the system's dialog does
    page.locator("select[name=channel]").focus()
    page.keyboard.type("Corner")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent.trim()") != "Check":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(IMPORT)
    work()
    page.get_by_role("button", name="Write 2 rows").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    work()
    page.locator("[data-count=new] a").wait_for()

    assert Order.objects.count() == 2


def test_on_a_phone_nothing_is_wider_than_the_screen(login, shop, fits):
    page = login("planner", phone=True, language="zh-hans", color_scheme="dark")
    page.goto("/orders/imports/new/")
    fits(page)
    page.set_input_files("input[type=file]", FILE)
    page.select_option("select[name=channel]", "uk")
    page.locator("form.so-import-new button[type=submit]").click()
    page.wait_for_url(IMPORT)
    work()
    page.locator("[data-count=new]").wait_for()
    fits(page)
    batch = ImportBatch.objects.get()
    for url in (
        f"/orders/imports/{batch.pk}/mapping/",
        "/orders/imports/",
        "/orders/",
        "/refunds/",
        "/channels/",
        "/catalogue/items/",
    ):
        page.goto(url)
        fits(page)
