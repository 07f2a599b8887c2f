"""What imports leave behind goes at night; what an undo or an order's origin needs stays."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from analytics.quality.fingerprint import fingerprint
from products.orders import cleaning, staging, undoing
from products.orders.following import follow
from products.orders.models import Order
from shopops import clock
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject, Upload
from shopops.history.actor import SYSTEM
from tests.factories.orders import make_channel
from tests.factories.staged import make_batch, merge_rows, stage

pytestmark = pytest.mark.django_db
ROW = {
    "rec": "order", "order_number": "A1", "state": "paid", "platform_state": "paid", "buyer_id": "lin",
    "created_at": "2026-03-24 10:00", "paid_at": "2026-03-24 10:01", "paid": "100.00", "payable": "100.00",
}  # fmt: skip


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"


@pytest.fixture
def shop():
    return make_channel("tb", platform="taobao")


def ago(days: int):
    return clock.now() - timedelta(days=days)


def kept(batch: ImportBatch, days: int) -> Path:
    """Give a batch an original brought ``days`` ago; return where it lies."""
    upload = uploads.keep(io.BytesIO(b"orders"), name="orders.csv", by=None)
    at = clock.now() - timedelta(days=days)
    Upload.objects.filter(pk=upload.pk).update(created_at=at)
    ImportBatch.objects.filter(pk=batch.pk).update(upload=upload, created_at=at)
    return Path(cleaning.settings.MEDIA_ROOT) / upload.path


def has_stage(batch: ImportBatch) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"stage.orders_{batch.pk}"])
        return bool(cursor.fetchone()[0])


def test_originals_go_after_their_days_and_not_before(shop, django_capture_on_commit_callbacks):
    old, young = make_batch(shop, state="done"), make_batch(shop, state="done")
    gone, stays = kept(old, 91), kept(young, 89)

    with django_capture_on_commit_callbacks(execute=True):
        assert cleaning.remove_originals(ago(90)) == 1

    assert (gone.exists(), stays.exists()) == (False, True)
    old.refresh_from_db()
    assert (old.upload.path, old.upload.name) == ("", "orders.csv")


def test_an_original_a_younger_import_uses_stays(shop):
    old, young = make_batch(shop, state="done"), make_batch(shop, state="checked")
    path = kept(old, 91)
    old.refresh_from_db()
    ImportBatch.objects.filter(pk=young.pk).update(upload=old.upload)

    assert cleaning.remove_originals(ago(90)) == 0
    assert path.exists()


def test_a_file_nobody_decided_about_is_cancelled_with_its_original(shop):
    batch = make_batch(shop, state="checked")
    kept(batch, 91)

    cleaning.remove_originals(ago(90))

    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_stages_of_ended_imports_go_and_those_in_work_or_young_stay(shop):
    cleaning.drop_stages(ago(7))  # what other tests left: stages are no rows that are taken back
    batches = {
        state: make_batch(shop, state=state)
        for state in ("done", "cancelled", "undone", "refused", "checked", "importing", "checking")
    }
    for batch in batches.values():
        stage(batch, [ROW])
    waiting = make_batch(shop, state="checked")
    stage(waiting, [ROW])
    ImportBatch.objects.filter(pk=waiting.pk).update(created_at=clock.now() - timedelta(days=8))
    staging.make(999_999)  # of no import

    assert cleaning.drop_stages(ago(7)) == 5

    left = {state for state, batch in batches.items() if has_stage(batch)}
    assert left == {"refused", "checked", "importing", "checking"}
    assert not has_stage(waiting)


def test_refused_rows_go_with_the_original_and_the_counts_stay(shop):
    old, young = make_batch(shop, state="refused", counts={"refused": 1}), make_batch(shop, state="refused")
    kept(old, 91)
    for batch in (old, young):
        ImportReject.objects.create(batch=batch, row_no=2, code="bad", message="bad")

    assert cleaning.remove_rejects(ago(90)) == 1

    assert not old.rejects.exists()
    assert young.rejects.exists()
    old.refresh_from_db()
    assert old.counts == {"refused": 1}


def test_an_import_is_taken_back_and_named_after_the_cleaning(shop, client_of):
    before = fingerprint()
    batch = make_batch(shop)
    merge_rows(shop, [ROW], grain="order", batch=batch)
    kept(batch, 91)
    order = Order.objects.get()

    for step in (cleaning.drop_stages, cleaning.remove_originals, cleaning.remove_rejects):
        step(ago(90))

    manager = client_of("manager")
    assert "orders.csv" in manager.get(f"/orders/{order.pk}/").content.decode()
    assert "Deleted after 90 days" in manager.get(f"/orders/imports/{batch.pk}/").content.decode()
    undoing.undo(batch.pk, by=SYSTEM)
    follow([batch.pk], None)
    assert fingerprint() == before


def test_loose_files_and_plain_copies_go_after_a_day(shop):
    batch = make_batch(shop, state="done")
    named = kept(batch, 1)
    loose = named.parent / ("0" * 32)
    copies = [Path(cleaning.settings.VAR_DIR) / "tmp" / name for name in ("upload-1-old", "upload-2-new")]
    copies[0].parent.mkdir(parents=True)
    for path in (loose, *copies):
        path.write_bytes(b"x")
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    for path in (named, loose, copies[0]):
        os.utime(path, (long_ago, long_ago))

    assert cleaning.remove_loose_files(ago(1)) == 2
    assert (named.exists(), loose.exists(), copies[0].exists(), copies[1].exists()) == (True, False, False, True)
