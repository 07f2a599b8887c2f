"""Bringing order files in: check every file first, then merge them all in one transaction, then follow up.

A job has one or several batches (a batch is one file into one channel). Each step can be broken
off anywhere and is taken up by the next attempt: staging that is whole is used again, a merge that
was committed is never repeated, the steps after it are idempotent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction

from products.channels.models import Channel
from products.orders import staging, suppressing
from products.orders.checking import batches_of, check_one, put, source_of, version_of
from products.orders.following import follow
from products.orders.merge import merging
from products.orders.merge.statements import lock
from products.orders.undoing import former_reach
from shopops import clock
from shopops.errors import Refused
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch
from shopops.exchange.reading import Limits
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.words import as_read, sentence, written

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.exchange.models import Upload

CHECK: Final = "products.orders.checking.check"
RUN: Final = "products.orders.imports.run"
State = ImportBatch.State
_ENDED: Final = frozenset({State.DONE, State.UNDONE, State.CANCELLED})


@dataclass(frozen=True)
class Options:
    """What the person chose for a file."""

    format: str = ""  # empty: found from the content
    mapping: dict[str, Any] | None = None
    sheet: str = ""
    skip_bad: bool = False
    on_tie: str = "take"
    dry_run: bool = False
    confirmed: bool = False
    limits: Limits = field(default_factory=Limits)


def add_batch(
    upload: "Upload", channel: Channel, options: Options, *, by: "User | None", position: int = 0
) -> ImportBatch:
    """Note a file to be brought into a channel; nothing is read yet."""
    return ImportBatch.objects.create(
        upload=upload,
        channel_code=channel.code,
        position=position,
        format=options.format,
        mapping=options.mapping,
        sheet=options.sheet,
        skip_bad=options.skip_bad,
        on_tie=options.on_tie,
        dry_run=options.dry_run,
        confirmed=options.confirmed,
        created_by=by,
        created_at=clock.now(),
    )


def submit(kind: str, batches: Iterable[ImportBatch], *, by: "User | None", wake: bool = True) -> Job:
    """Make the job that checks or imports these batches, once per set of batches.

    ``wake`` off: the caller performs it at once. If it dies, the sweeper finds the job all the same.
    """
    ids = sorted(batch.pk for batch in batches)
    with transaction.atomic():
        job, made = jobs.ensure(
            kind, ",".join(map(str, ids))[:180], arguments={"batch_ids": ids}, queue="imports", by=by
        )
        ImportBatch.objects.filter(pk__in=ids).update(job=job)
        if made and wake:
            jobs.wake("shopops.jobs.tasks.perform", job.pk)
    return job


def run(claim: jobs.Claim, batch_ids: list[int]) -> None:
    """Import the batches: all files or none, then customers, figures and dashboard follow."""
    batches = batches_of(batch_ids)
    for batch in batches:
        if batch.merged_at is None and batch.state not in _ENDED:
            _make_ready(batch, claim)
    if any(batch.state == State.REFUSED for batch in batches):
        _leave_out(batches)
        return
    open_ = [batch for batch in batches if batch.state not in _ENDED]
    _merge_all([batch for batch in open_ if batch.merged_at is None], claim)
    _follow_up([batch for batch in open_ if batch.merged_at is not None], claim)


def _make_ready(batch: ImportBatch, claim: jobs.Claim) -> None:
    """Have the file in staging, whole and allowed; or refuse it, or find that it is in already."""
    if _same_file_is_in(batch):
        return
    staged = int(batch.counts.get("staged", 0))
    if not staged or not staging.holds(batch.pk, staged):
        check_one(batch, claim)
    elif batch.state == State.REFUSED and batch.skip_bad:
        put(batch, state=State.CHECKED, refusal=None)
    if batch.state != State.REFUSED and batch.counts.get("known_elsewhere") and not batch.confirmed:
        message = sentence("Its order numbers are known in another channel. Confirm that, or choose that channel.")
        put(
            batch,
            state=State.REFUSED,
            finished_at=clock.now(),
            refusal={"code": "known_elsewhere", **written(message)},
        )


def _same_file_is_in(batch: ImportBatch) -> bool:
    """Say whether the very same bytes were imported into this channel before; then there is nothing to do."""
    version = batch.format_version or None
    earlier = (
        ImportBatch.objects.filter(
            upload__sha256=bytes(batch.upload.sha256), channel_code=batch.channel_code, state=State.DONE, dry_run=False
        )
        .exclude(pk=batch.pk)
        .select_related("upload")
        .order_by("-pk")
    )
    if version:
        earlier = earlier.filter(format_version=version)
    elif batch.format or batch.mapping is not None:
        earlier = earlier.filter(format_version=version_of(batch.format or "mapping", batch.mapping, batch.sheet))
    twin = earlier.first()
    if twin is None:
        return False
    if not twin.upload.path:  # past its days, or of somebody who was erased: so is this one
        uploads.remove([batch.upload_id])
    counts = dict.fromkeys(("new", "changed", "lines_new", "lines_changed", "refunds_new", "refunds_changed"), 0)
    counts |= {name: twin.counts.get(name, 0) for name in ("rows", "orders", "refunds", "refused")}
    counts |= {"equal": counts["orders"], "same_as": twin.pk}
    put(
        batch,
        state=State.DONE,
        format=twin.format,
        format_version=twin.format_version,
        reading=twin.reading,
        counts=counts,
        notices=[
            {
                "code": "same_file",
                **written(sentence("The same file was imported before as #%(batch)s.") % {"batch": twin.pk}),
            }
        ],
        data_from=twin.data_from,
        data_through=twin.data_through,
        finished_at=clock.now(),
    )
    return True


def _leave_out(batches: list[ImportBatch]) -> None:
    """One file was refused: nothing of the job is imported."""
    for batch in batches:
        if batch.state in {State.CHECKED, State.IMPORTING}:
            put(
                batch,
                state=State.CANCELLED,
                finished_at=clock.now(),
                notices=[
                    *batch.notices,
                    {
                        "code": "other_refused",
                        **written(sentence("Another file of this import was refused; nothing was imported.")),
                    },
                ],
            )
            staging.drop(batch.pk)


def _merge_all(batches: list[ImportBatch], claim: jobs.Claim) -> None:
    """Write every file in one transaction; a dry run counts only and writes nothing."""
    if not batches:
        return
    claim.renew(phase="comparing")
    for batch in batches:
        put(batch, state=State.IMPORTING)
    dry = batches[0].dry_run
    with transaction.atomic():
        for channel_id in sorted({source_of(batch).channel_id for batch in batches}):
            lock(channel_id)
        for batch in batches:
            _merge(batch)
        claim.hold()  # last: a worker stopped beyond its lease cannot commit
        if dry:
            transaction.set_rollback(True)
    if dry:
        for batch in batches:
            put(batch, state=State.DONE, counts=batch.counts, merged_at=None, finished_at=clock.now())
            staging.drop(batch.pk)


def _merge(batch: ImportBatch) -> None:
    source, now = source_of(batch), clock.now()
    channel = Channel.objects.get(pk=source.channel_id)
    with acting(batch.created_by or SYSTEM, source=f"import:{batch.pk}"):
        suppressed = suppressing.blank_stage(batch)  # of persons erased since the file was read
        counts = merging.prepare(source, now)
        merging.apply(source, now)
        batch.refresh_from_db(fields=["data_from", "data_through"])
        batch.counts = {**batch.counts, **counts}
        if suppressed:
            batch.counts["suppressed"] = batch.counts.get("suppressed", 0) + suppressed
        batch.reading = {**batch.reading, "undo": former_reach(channel)}
        batch.merged_at = now
        batch.save(update_fields=["counts", "merged_at", "reading"])


def _follow_up(batches: list[ImportBatch], claim: jobs.Claim) -> None:
    """Run what stands on orders (buyers, values, figures), lowest floor first; then the import is done."""
    if not batches:
        return
    ids = [batch.pk for batch in batches]
    claim.renew(phase="following")
    follow(ids, claim)
    now = clock.now()
    for batch in batches:
        put(batch, state=State.DONE, finished_at=now)
        staging.drop(batch.pk)
        if batch.counts.get("suppressed"):
            uploads.remove([batch.upload_id])  # the file as it came names somebody who was erased


def result(batch: ImportBatch) -> dict[str, object]:
    """Return what became of a batch, for the command line and the API."""
    return {
        "batch": batch.pk,
        "file": batch.upload.name,
        "channel": batch.channel_code,
        "format": batch.format,
        "state": batch.state,
        "counts": batch.counts,
        "notices": [as_read(notice) for notice in batch.notices],
        "refusal": as_read(batch.refusal) if batch.refusal else None,
        "data_from": batch.data_from.isoformat() if batch.data_from else None,
        "data_through": batch.data_through.isoformat() if batch.data_through else None,
    }


def new_channel(code: str, title: str, *, currency: str, platform: str = "site", by: "User | object") -> Channel:
    """Make a channel. Raises Refused where the code is taken."""
    if Channel.objects.filter(code=code).exists():
        raise Refused(sentence("The channel “%(code)s” exists already.") % {"code": code})
    with acting(by):
        return Channel.objects.create(
            code=code, title=title, currency=currency, platform=platform, time_zone=settings.STORE_TIME_ZONE
        )
