"""Order files by API: who may, what is refused, what a job's status tells."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from products.orders.models import Order
from shopops.jobs import services as jobs
from tests.factories.orders import make_channel
from tests.kill.storm_imports import retail_file

pytestmark = pytest.mark.django_db
URL = "/api/v1/orders/imports/"


def a_file(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("retail.csv", content or retail_file(5), content_type="text/csv")


def test_a_file_is_taken_and_its_job_tells_what_became_of_it(client_of: Callable) -> None:
    make_channel("retail", currency="GBP")
    clerk = client_of("warehouse_clerk")
    answer = clerk.post(URL, {"file": a_file(), "channel": "retail"})
    assert answer.status_code == 202
    assert answer.json()["state"] == "queued"
    assert Order.objects.count() == 0
    assert jobs.perform(answer.json()["job"]) == "done"
    told = clerk.get(answer.headers["Location"]).json()
    assert (told["state"], told["rejects"]) == ("done", [])
    assert told["files"][0]["counts"]["new"] == Order.objects.count() == 5


def test_refused_rows_are_named_with_row_and_column(client_of: Callable) -> None:
    make_channel("retail", currency="GBP")
    clerk = client_of("warehouse_clerk")
    content = (
        retail_file(5).replace(b",1,2011", b",x,2011") + b"536999,20001,GOODS,many,2011-03-09 10:00:00,1.00,,France\n"
    )
    answer = clerk.post(URL, {"file": a_file(content), "channel": "retail"})
    jobs.perform(answer.json()["job"])
    told = clerk.get(answer.headers["Location"]).json()
    assert told["files"][0]["state"] == "refused"
    last = told["rejects"][-1]
    assert (last["row"], last["column"], last["value"]) == (content.count(b"\n"), "Quantity", "many")
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"channel": "nowhere"}, "channel"),
        ({"file": ""}, "file"),
        ({"format": "x"}, "format"),
        ({"mapping": "{"}, "mapping"),
        ({"mapping": "[" * 90_000}, "mapping"),
        ({"mapping": '{"fields": {"order_number": "a"}, "fields": {}}'}, "mapping"),
        ({"mapping": '{"title": "a\\u0000b"}'}, "mapping"),
    ],
)
def test_a_wrong_request_names_the_field(client_of: Callable, changed: dict[str, object], field: str) -> None:
    make_channel("retail", currency="GBP")
    answer = client_of("warehouse_clerk").post(URL, {"file": a_file(), "channel": "retail", **changed})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_who_may_not_import_is_refused(client_of: Callable) -> None:
    make_channel("retail", currency="GBP")
    assert client_of("designer").post(URL, {"file": a_file(), "channel": "retail"}).status_code == 403
