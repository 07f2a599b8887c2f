"""Files of orders brought to the import pages by a planner, and the work that workers would do."""

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from shopops import clock
from shopops.exchange.models import ImportBatch, Upload
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from tests.products.orders.formats.records import SAMPLES

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
