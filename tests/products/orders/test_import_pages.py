"""Importing in the browser: files in, preview, written, taken back; and what goes wrong on the way."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from products.channels.models import Channel
from products.orders import imports
from products.orders.models import Order
from shopops import clock
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting
from shopops.jobs.models import Job
from tests.factories.orders import make_channel, make_order
from tests.products.orders.bringing import GOOD, a_batch, brought, work

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_script_in_a_file_is_shown_as_text(planner, shop):
    payload = "<script>alert(1)</script>"
    batch = brought(planner, GOOD.replace("HOLDER", payload), name=f"{payload}.csv")

    page = planner.get(f"/orders/imports/{batch.pk}/").content.decode()

    assert payload not in page
    assert "&lt;script&gt;" in page


def test_work_whose_worker_is_gone_says_so_instead_of_standing_still(planner, shop):
    from products.orders.import_pages import progress

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
