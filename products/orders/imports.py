"""Bringing order files in: check every file first, then merge them all in one transaction, then follow up.

A job has one or several batches (a batch is one file into one channel). Each step can be broken
off anywhere and is taken up by the next attempt: staging that is whole is used again, a merge that
was committed is never repeated, the steps after it are idempotent.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg2 import sql
from shopops.exchange.reading import FileRefused, Limits, open_source

from products.channels.models import Channel
from products.orders import staging
from products.orders.following import follow
from products.orders.formats import base as formats
from products.orders.formats import mapping as mappings
from products.orders.merge import merging
from products.orders.merge.statements import Source, lock
from shopops import clock
from shopops.access.personal import protect_email, protect_phone, protect_text, seal
from shopops.errors import Refused
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.exchange.models import Upload

CHECK: Final = "products.orders.imports.check"
RUN: Final = "products.orders.imports.run"
FORMAT_VERSION: Final = "1"
REJECTS_AT_ONCE: Final = 2000
State = ImportBatch.State


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


def submit(kind: str, batches: Iterable[ImportBatch], *, by: "User | None") -> jobs.Job:
    """Make the job that checks or imports these batches, once per set of batches."""
    ids = sorted(batch.pk for batch in batches)
    with transaction.atomic():
        job, made = jobs.ensure(
            kind, ",".join(map(str, ids))[:180], arguments={"batch_ids": ids}, queue="imports", by=by
        )
        ImportBatch.objects.filter(pk__in=ids).update(job=job)
        if made:
            jobs.wake("shopops.jobs.tasks.perform", job.pk)
    return job


def check(claim: jobs.Claim, batch_ids: list[int]) -> None:
    """Read the files into staging and say what an import would change (the preview)."""
    for batch in _batches(batch_ids):
        if batch.state in {State.WAITING, State.CHECKING, State.INTERRUPTED}:
            _check(batch, claim)
            if batch.state == State.CHECKED:
                _preview(batch)


def _batches(ids: list[int]) -> list[ImportBatch]:
    return list(ImportBatch.objects.filter(pk__in=ids).select_related("upload").order_by("position", "pk"))


def _set(batch: ImportBatch, **values: object) -> None:
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=list(values))


def _check(batch: ImportBatch, claim: jobs.Claim) -> None:
    """Stage one file; ends CHECKED, or REFUSED with the reason."""
    _set(batch, state=State.CHECKING, refusal=None)
    ImportReject.objects.filter(batch=batch).delete()
    try:
        with uploads.opened(batch.upload) as path:
            stage_file(batch, path, claim)
    except FileRefused as refusal:
        staging.drop(batch.pk)
        _set(batch, state=State.REFUSED, finished_at=clock.now(), refusal=_as_refusal(refusal))
    except FileNotFoundError:
        _set(
            batch,
            state=State.REFUSED,
            finished_at=clock.now(),
            refusal={"code": "gone", "message": _("The uploaded file is no longer kept. Upload it again.")},
        )


def _as_refusal(refusal: FileRefused) -> dict[str, object]:
    return {
        "code": refusal.code,
        "message": str(refusal),
        "row": refusal.row,
        "column": refusal.column or "",
        "value": refusal.excerpt or "",
    }


def stage_file(batch: ImportBatch, path: Path, claim: jobs.Claim) -> None:
    """Read the file at ``path`` into the batch's staging table. Raises FileRefused."""
    channel = Channel.objects.get(code=batch.channel_code)
    limits = Limits(
        rows=settings.IMPORT_MAX_ROWS, size=settings.IMPORT_MAX_BYTES_COMMAND, unpacked=settings.IMPORT_MAX_UNPACKED
    )
    with open_source(path, name=batch.upload.name, limits=limits, sheet=batch.sheet or None) as source:
        fmt = _format_of(batch, source)
        rejects = _Rejects(batch)
        reader = fmt.reader(
            source,
            zone=ZoneInfo(channel.time_zone),
            protect_phone=protect_phone,
            protect_email=protect_email,
            protect_text=protect_text,
            reject=rejects.add,
            mapping=batch.mapping,
        )
        staging.make(batch.pk)
        rows = staging.fill(batch.pk, reader.gives, reader, lambda done: claim.renew(done=done, phase="reading"))
        rejects.flush()
        if rows == 0 and rejects.count == 0:
            raise FileRefused("no_rows", _("The file has no data rows."))
        _set(
            batch,
            format=fmt.code,
            format_version=_version(fmt.code, batch.mapping, batch.sheet),
            reading={
                "kind": source.kind,
                "encoding": source.encoding,
                "delimiter": source.delimiter,
                "sheet": source.sheet,
                "sheets": list(source.sheets or []),
                "header_row": source.header_row,
                "header": list(source.header),
                "gives": sorted(reader.gives),
                "grain": fmt.grain,
                "title": str(fmt.title),
                "columns": list(getattr(reader, "columns", [])),
                "shop_names": sorted(reader.shop_names)[:20],
            },
            notices=[_as_notice(item) for item in (*source.notices, *reader.notices)],
            counts={"staged": rows, "rows": rows + rejects.rows, "refused": rejects.rows},
        )
    _check_across(batch, channel)
    refused = ImportReject.objects.filter(batch=batch).exists()
    if (refused and not batch.skip_bad) or rows == 0:
        _set(
            batch,
            state=State.REFUSED,
            finished_at=clock.now(),
            refusal={"code": "rows", "message": _rows_refused(batch)},
        )
    else:
        _set(batch, state=State.CHECKED)


def _rows_refused(batch: ImportBatch) -> str:
    return _("%(count)s rows were refused; nothing was imported.") % {"count": batch.counts.get("refused", 0)}


def _as_notice(notice: Any) -> dict[str, object]:
    return {"code": notice.code, "message": str(notice.message)}


def _format_of(batch: ImportBatch, source: Any) -> Any:
    if batch.mapping is not None:
        return mappings.MappedFormat(batch.mapping)
    if batch.format:
        return formats.get(batch.format)
    found = formats.detect(source)
    if not found:
        raise FileRefused(
            "unknown_format",
            _(
                "The columns are not those of a known order file. Choose the format or map the columns. Found: %(columns)s"
            )
            % {"columns": "、".join(str(name) for name in source.header[:12])},
            row=source.header_row,
        )
    return found[0][0]


def _version(code: str, mapping: dict[str, Any] | None, sheet: str) -> str:
    content = json.dumps(mapping, sort_keys=True) if mapping else ""
    return f"{code}/{FORMAT_VERSION}/{hashlib.sha256((content + '|' + sheet).encode()).hexdigest()[:16]}"


class _Rejects:
    """Collects refused rows: at most a few messages a row, written in bulk."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch, self.count, self.rows = batch, 0, 0
        self._last_row = -1
        self._waiting: list[ImportReject] = []

    def add(
        self, row_no: int, column: str, value: str, code: str, message: str, cells: list[str | None] | None = None
    ) -> None:
        first = row_no != self._last_row
        self._last_row = row_no
        self.rows += first
        self.count += 1
        self._waiting.append(
            ImportReject(
                batch=self.batch,
                row_no=row_no,
                column=(column or "")[:100],
                value=(value or "")[:64],
                code=code[:40],
                message=str(message),
                cells=seal(json.dumps(list(cells), ensure_ascii=False)) if first and cells is not None else None,
            )
        )
        if len(self._waiting) >= REJECTS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        ImportReject.objects.bulk_create(self._waiting)
        self._waiting.clear()


def _check_across(batch: ImportBatch, channel: Channel) -> None:
    """Compare rows with each other and with other channels, set-based, before anything is merged."""
    table = staging.table_of(batch.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                SELECT c.code, count(DISTINCT s.order_number) FROM {} s
                JOIN products_order o ON o.number = s.order_number AND o.channel_id <> %s
                JOIN products_channel c ON c.id = o.channel_id
                GROUP BY c.code ORDER BY 2 DESC
                """
            ).format(table),
            [channel.pk],
        )
        elsewhere = {code: int(count) for code, count in cursor.fetchall()}
        cursor.execute(sql.SQL("SELECT DISTINCT state, platform_state FROM {} WHERE state = 'unknown'").format(table))
        unknown = sorted({text for _state, text in cursor.fetchall() if text})
    notices = [*batch.notices]
    if elsewhere:
        notices.append(
            {
                "code": "known_elsewhere",
                "channels": elsewhere,
                "message": _("Order numbers of this file are known in another channel: %(channels)s.")
                % {"channels": "、".join(f"{code} ({count})" for code, count in elsewhere.items())},
            }
        )
    if unknown:
        notices.append(
            {
                "code": "unknown_state",
                "states": unknown[:50],
                "message": _("States not known to us, kept as they are: %(states)s.")
                % {"states": "、".join(unknown[:20])},
            }
        )
    _set(batch, notices=notices, counts={**batch.counts, "known_elsewhere": sum(elsewhere.values())})


def _source(batch: ImportBatch) -> Source:
    channel = Channel.objects.get(code=batch.channel_code)
    fmt = mappings.MappedFormat(batch.mapping) if batch.mapping is not None else formats.get(batch.format)
    return Source(
        batch_id=batch.pk,
        channel_id=channel.pk,
        platform=channel.platform,
        ship_hours=channel.ship_hours,
        zone=settings.STORE_TIME_ZONE,
        grain=fmt.grain,
        sums=getattr(fmt, "sums", ()),
        keep_ties=batch.on_tie == "keep",
        one_row_per_refund=fmt.grain == "refund",
    )


def _preview(batch: ImportBatch) -> None:
    """Count what would change, writing nothing."""
    with transaction.atomic():
        counts = merging.prepare(_source(batch), clock.now())
        transaction.set_rollback(True)
    _set(batch, counts={**batch.counts, **counts})


def run(claim: jobs.Claim, batch_ids: list[int]) -> None:
    """Import the batches: all files or none, then customers, figures and dashboard follow."""
    batches = _batches(batch_ids)
    for batch in batches:
        if batch.merged_at is None and batch.state not in {State.DONE, State.UNDONE, State.CANCELLED}:
            if _same_file_is_in(batch):
                continue
            if not staging.holds(batch.pk, int(batch.counts.get("staged", -1))):
                _check(batch, claim)
            elif batch.state == State.REFUSED and batch.skip_bad:
                _set(batch, state=State.CHECKED, refusal=None)
    if any(batch.state == State.REFUSED for batch in batches):
        _leave_out(batches)
        return
    _merge_all([batch for batch in batches if batch.merged_at is None and batch.state != State.DONE], claim)
    _follow_up([batch for batch in batches if batch.state != State.DONE], claim)


def _same_file_is_in(batch: ImportBatch) -> bool:
    """Say whether the very same bytes were imported into this channel before; then there is nothing to do."""
    version = batch.format_version or None
    earlier = (
        ImportBatch.objects.filter(
            upload__sha256=bytes(batch.upload.sha256), channel_code=batch.channel_code, state=State.DONE, dry_run=False
        )
        .exclude(pk=batch.pk)
        .order_by("-pk")
    )
    if version:
        earlier = earlier.filter(format_version=version)
    elif batch.format or batch.mapping is not None:
        earlier = earlier.filter(format_version=_version(batch.format or "mapping", batch.mapping, batch.sheet))
    twin = earlier.first()
    if twin is None:
        return False
    counts = dict.fromkeys(("new", "changed", "lines_new", "lines_changed", "refunds_new", "refunds_changed"), 0)
    counts |= {name: twin.counts.get(name, 0) for name in ("rows", "orders", "refunds", "refused")}
    counts |= {"equal": counts["orders"], "same_as": twin.pk}
    _set(
        batch,
        state=State.DONE,
        format=twin.format,
        format_version=twin.format_version,
        reading=twin.reading,
        counts=counts,
        notices=[
            {"code": "same_file", "message": _("The same file was imported before as #%(batch)s.") % {"batch": twin.pk}}
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
            _set(
                batch,
                state=State.CANCELLED,
                finished_at=clock.now(),
                notices=[
                    *batch.notices,
                    {
                        "code": "other_refused",
                        "message": _("Another file of this import was refused; nothing was imported."),
                    },
                ],
            )
            staging.drop(batch.pk)


def _merge_all(batches: list[ImportBatch], claim: jobs.Claim) -> None:
    if not batches:
        return
    claim.renew(phase="comparing")
    for batch in batches:
        _set(batch, state=State.IMPORTING)
    by = batches[0].created_by or SYSTEM
    dry = batches[0].dry_run
    with transaction.atomic():
        for channel_id in sorted({_source(batch).channel_id for batch in batches}):
            lock(channel_id)
        for batch in batches:
            with acting(by, source=f"import:{batch.pk}"):
                source, now = _source(batch), clock.now()
                counts = merging.prepare(source, now)
                if not dry:
                    merging.apply(source, now)
                    batch.merged_at = now
                    batch.refresh_from_db(fields=["data_from", "data_through"])
                batch.counts = {**batch.counts, **counts}
                batch.save(update_fields=["counts", "merged_at"])
        claim.hold()  # last: a worker stopped beyond its lease cannot commit
        if dry:
            transaction.set_rollback(True)
    if dry:
        for batch in batches:
            _set(batch, state=State.DONE, counts=batch.counts, merged_at=None, finished_at=clock.now())
            staging.drop(batch.pk)


def _follow_up(batches: list[ImportBatch], claim: jobs.Claim) -> None:
    """Run what stands on orders (buyers, values, figures), lowest floor first; then the import is done."""
    if not batches:
        return
    ids = [batch.pk for batch in batches]
    claim.renew(phase="following")
    follow(ids, claim)
    now = clock.now()
    for batch in batches:
        _set(batch, state=State.DONE, finished_at=now)
        staging.drop(batch.pk)


def ensure_jobs(*, now: Any) -> None:
    """Mark batches whose job ended without them as interrupted (shown, and to be tried again)."""
    ended = ImportBatch.objects.filter(
        state__in=(State.CHECKING, State.IMPORTING),
        job__state__in=("failed", "cancelled"),
        job__finished_at__lt=now - timedelta(seconds=5),
        merged_at=None,
    )
    ended.update(state=State.INTERRUPTED, finished_at=now)


def result(batch: ImportBatch) -> dict[str, object]:
    """Return what became of a batch, for the command line and the API."""
    return {
        "batch": batch.pk,
        "file": batch.upload.name,
        "channel": batch.channel_code,
        "format": batch.format,
        "state": batch.state,
        "counts": batch.counts,
        "notices": batch.notices,
        "refusal": batch.refusal,
        "data_from": batch.data_from.isoformat() if batch.data_from else None,
        "data_through": batch.data_through.isoformat() if batch.data_through else None,
    }


def new_channel(code: str, title: str, *, currency: str, platform: str = "site", by: "User | object") -> Channel:
    """Make a channel. Raises Refused where the code is taken."""
    if Channel.objects.filter(code=code).exists():
        raise Refused(_("The channel “%(code)s” exists already.") % {"code": code})
    with acting(by):  # type: ignore[arg-type]
        return Channel.objects.create(
            code=code, title=title, currency=currency, platform=platform, time_zone=settings.STORE_TIME_ZONE
        )
