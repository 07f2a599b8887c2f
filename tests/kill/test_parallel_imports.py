"""The same file brought in eight times at once is in once."""

import io
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection

from products.channels.models import Channel
from products.orders import imports
from products.orders.models import Order, OrderLine
from products.refunds.models import Refund
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch
from shopops.jobs import services as jobs
from tests.factories.orders import make_channel
from tests.kill.storm_imports import retail_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
AT_ONCE = 8


def import_at_once(channel: Channel) -> list[ImportBatch]:
    """Import one file's content in threads that begin to merge together."""
    ids = []
    for number in range(AT_ONCE):
        content = retail_file(30) + b"\n" * number  # other bytes, so that no copy is known by its hash
        upload = uploads.keep(io.BytesIO(content), name=f"{number}.csv", by=None)
        ids.append(
            imports.submit(imports.RUN, [imports.add_batch(upload, channel, imports.Options(), by=None)], by=None).pk
        )
    begin = Barrier(AT_ONCE)

    def one(job: int) -> None:
        try:
            begin.wait()
            jobs.perform(job)
        finally:
            connection.close()

    threads = [Thread(target=one, args=[job]) for job in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(ImportBatch.objects.select_related("job").order_by("pk"))


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let all have compared before the first writes: the worst moment."""
    ready = Barrier(AT_ONCE)
    write = imports.merging.apply

    def apply(*args: object) -> None:
        ready.wait(timeout=120)
        write(*args)

    monkeypatch.setattr(imports.merging, "apply", apply)
    yield


def test_eight_at_once_bring_each_order_once() -> None:
    batches = import_at_once(make_channel("retail", currency="GBP"))
    assert {batch.state for batch in batches} == {"done"}
    assert sum(batch.counts["new"] for batch in batches) == Order.objects.count() == 27
    assert Refund.objects.count() == 3
    assert sum(batch.counts["lines_new"] for batch in batches) == OrderLine.objects.count()
    assert sorted(batch.counts["equal"] for batch in batches) == [0, *[27] * 7]


def test_without_the_channel_lock_they_collide(monkeypatch: pytest.MonkeyPatch, together: None) -> None:
    monkeypatch.setattr(imports, "lock", lambda _channel_id: None)
    batches = import_at_once(make_channel("retail", currency="GBP"))
    assert {batch.job.state for batch in batches} != {"done"}
