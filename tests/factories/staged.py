"""Rows put straight into an import's stage, as a format's reader would leave them, and merged.

merge_rows(shop, [order_row("A1", paid="10", state="paid", created_at="2026-03-24 12:00")], grain="order")
"""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal
from itertools import count

from products.channels.models import Channel
from products.orders import staging
from products.orders.following import follow
from products.orders.merge import merging
from products.orders.merge.statements import Source, lock
from products.orders.undoing import former_reach
from shopops import clock
from shopops.exchange.models import ImportBatch, Upload
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import moment

_files = count(1)


def make_batch(channel: Channel, **fields: object) -> ImportBatch:
    """Make a batch of an upload without bytes."""
    number = next(_files)
    upload = Upload.objects.create(
        sha256=number.to_bytes(32, "big"), name=f"file-{number}.csv", size=1, created_at=clock.now()
    )
    return ImportBatch.objects.create(
        upload=upload, channel_code=channel.code, created_at=clock.now(), **{"format": "test", **fields}
    )


def stage(batch: ImportBatch, rows: Iterable[dict[str, object]]) -> int:
    """Fill the batch's stage; money is text, times are the store's wall clock."""
    rows = list(rows)
    names = ["row_no", *sorted({name for row in rows for name in row} - {"row_no"})]
    records = []
    for number, row in enumerate(rows, 2):
        values = {"row_no": number, **{name: _typed(name, value) for name, value in row.items()}}
        records.append(tuple(values.get(name) for name in names))
    staging.make(batch.pk)
    return staging.fill(batch.pk, names, records, lambda _done: None, nullcontext())


def _typed(name: str, value: object) -> object:
    kind = staging.COLUMNS[name]
    if kind == staging.TIME and not isinstance(value, datetime):
        return moment(value)  # type: ignore[arg-type]  # a moment's text
    return Decimal(value) if kind == staging.MONEY and isinstance(value, str) else value


def merge_rows(
    channel: Channel,
    rows: Iterable[dict[str, object]],
    *,
    grain: str = "line",
    sums: tuple[str, ...] = (),
    keep_ties: bool = False,
    batch: ImportBatch | None = None,
    one_row_per_refund: bool | None = None,
    follow_up: bool = True,
) -> dict[str, int]:
    """Stage and merge rows in one transaction; return the counts."""
    batch = batch or make_batch(channel)
    stage(batch, rows)
    source = Source(
        batch_id=batch.pk,
        channel_id=channel.pk,
        platform=channel.platform,
        ship_hours=channel.ship_hours,
        zone=clock.store_zone().key,
        grain=grain,
        sums=sums,
        keep_ties=keep_ties,
        one_row_per_refund=grain == "refund" if one_row_per_refund is None else one_row_per_refund,
    )
    now = clock.now()
    with acting(SYSTEM, source=f"import:{batch.pk}"):
        lock(channel.pk)
        channel.refresh_from_db()
        counts = merging.prepare(source, now)
        merging.apply(source, now)
        batch.refresh_from_db(fields=["data_from", "data_through"])
        batch.merged_at, batch.state, batch.counts = now, ImportBatch.State.DONE, counts
        batch.reading = {"undo": former_reach(channel)}
        batch.save()
    staging.drop(batch.pk)
    if follow_up:
        follow([batch.pk], None)
    return counts
