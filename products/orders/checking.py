"""Checking a file: read into staging, rows compared with each other and the store, nothing merged."""

import hashlib
import json
from pathlib import Path
from threading import Lock
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from psycopg2 import sql

from products.channels.models import Channel
from products.orders import doubles, preview, staging, suppressing
from products.orders.formats import base as formats
from products.orders.formats import mapping as mappings
from products.orders.merge import merging
from products.orders.merge.statements import Source
from shopops import clock
from shopops.access.personal import protect_email, protect_phone, protect_text, seal
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject
from shopops.exchange.reading import FileRefused, Limits, open_source
from shopops.jobs import services as jobs
from shopops.words import in_each_language, written
from shopops.words import sentence as _

FORMAT_VERSION: Final = "1"
REJECTS_AT_ONCE: Final = 2000
State = ImportBatch.State


def check(claim: jobs.Claim, batch_ids: list[int]) -> None:
    """Read the files into staging and say what an import would change (the preview)."""
    for batch in batches_of(batch_ids):
        if batch.state in {State.WAITING, State.CHECKING, State.INTERRUPTED}:
            check_one(batch, claim)
        if is_previewless(batch):
            _preview(batch)


def is_previewless(batch: ImportBatch) -> bool:
    """Say whether a file is read and found good, and what it would change is not counted yet."""
    return batch.state == State.CHECKED and "new" not in batch.counts


def batches_of(ids: list[int]) -> list[ImportBatch]:
    return list(ImportBatch.objects.filter(pk__in=ids).select_related("upload").order_by("position", "pk"))


def put(batch: ImportBatch, **values: object) -> None:
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=list(values))


def check_one(batch: ImportBatch, claim: jobs.Claim) -> None:
    """Stage one file; ends CHECKED, or REFUSED with the reason."""
    put(batch, state=State.CHECKING, refusal=None)
    ImportReject.objects.filter(batch=batch).delete()
    try:
        with uploads.opened(batch.upload) as path:
            stage_file(batch, path, claim)
    except FileRefused as refusal:
        staging.drop(batch.pk)
        put(batch, state=State.REFUSED, finished_at=clock.now(), refusal=_as_refusal(refusal))
    except FileNotFoundError:
        put(
            batch,
            state=State.REFUSED,
            finished_at=clock.now(),
            refusal={"code": "gone", **written(_("The uploaded file is no longer kept. Upload it again."))},
        )


def _as_refusal(refusal: FileRefused) -> dict[str, object]:
    return {
        "code": refusal.code,
        **written(refusal.message),
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
        storing = Lock()
        rejects = _Rejects(batch, storing)
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
        rows = staging.fill(
            batch.pk, reader.names, reader, lambda done: claim.renew(done=done, phase="reading"), storing
        )
        rejects.flush()
        if rows == 0 and rejects.count == 0:
            raise FileRefused("no_rows", _("The file has no data rows."))
        put(
            batch,
            format=fmt.code,
            format_version=version_of(fmt.code, batch.mapping, batch.sheet),
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
    doubles.refuse_contradictions(batch, fmt.grain, lambda rows: _cells_of(batch, path, limits, rows))
    if suppressed := suppressing.blank_stage(batch) + suppressing.blank_rejects(batch):
        put(batch, counts={**batch.counts, "suppressed": suppressed})
    _check_across(batch, channel)
    claim.renew(phase="comparing")  # asked to stop meanwhile: nothing is marked as ready
    refused = ImportReject.objects.filter(batch=batch).exists()
    if (refused and not batch.skip_bad) or rows == 0:
        put(
            batch,
            state=State.REFUSED,
            finished_at=clock.now(),
            refusal={"code": "rows", **written(rows_refused(batch))},
        )
    else:
        put(batch, state=State.CHECKED)


def _cells_of(batch: ImportBatch, path: Path, limits: Limits, rows: set[int]) -> dict[int, list[str | None]]:
    """Return these rows of the file, read once more, as they stand in it."""
    sheet = batch.reading.get("sheet") or batch.sheet or None
    with open_source(path, name=batch.upload.name, limits=limits, sheet=sheet) as source:
        source.begin_at(0)
        return {
            row: [None if cell is None else str(cell) for cell in cells] for row, cells in source.rows if row in rows
        }


def rows_refused(batch: ImportBatch) -> str:
    """Return why a batch with refused rows was refused."""
    return _("Rows refused: %(count)s; nothing was imported.") % {"count": batch.counts.get("refused", 0)}


def _as_notice(notice: Any) -> dict[str, object]:
    return {"code": notice.code, **written(notice.message)}


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


def version_of(code: str, mapping: dict[str, Any] | None, sheet: str) -> str:
    content = json.dumps(mapping, sort_keys=True) if mapping else ""
    return f"{code}/{FORMAT_VERSION}/{hashlib.sha256((content + '|' + sheet).encode()).hexdigest()[:16]}"


class _Rejects:
    """Collects refused rows: at most a few messages a row, written in bulk."""

    def __init__(self, batch: ImportBatch, storing: Lock) -> None:
        self.batch, self.count, self.rows = batch, 0, 0
        self._storing = storing  # held while a block of good rows is on its way
        self._last_row = -1
        self._told: set[tuple[str, ...]] = set()
        self._waiting: list[ImportReject] = []

    def add(
        self, row_no: int, column: str, value: str, code: str, message: str, cells: list[str | None] | None = None
    ) -> None:
        first = row_no != self._last_row
        told = (column, value, code, message)  # two fields may be read from one column
        if first:
            self._told.clear()
        elif told in self._told:
            return
        self._told.add(told)
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
                said=in_each_language(message),
                cells=seal(json.dumps(list(cells), ensure_ascii=False)) if first and cells is not None else None,
            )
        )
        if len(self._waiting) >= REJECTS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        with self._storing:
            ImportReject.objects.bulk_create(self._waiting)
        self._waiting.clear()


def _check_across(batch: ImportBatch, channel: Channel) -> None:
    """Compare rows with each other and with other channels, set-based, before anything is merged."""
    table = staging.table_of(batch.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                SELECT c.code, c.title, count(DISTINCT s.order_number) FROM {} s
                JOIN products_order o ON o.number = s.order_number AND o.channel_id <> %s
                JOIN products_channel c ON c.id = o.channel_id
                GROUP BY c.code, c.title ORDER BY 3 DESC, c.code
                """
            ).format(table),
            [channel.pk],
        )
        elsewhere = [(code, title, int(count)) for code, title, count in cursor.fetchall()]
        cursor.execute(sql.SQL("SELECT DISTINCT state, platform_state FROM {} WHERE state = 'unknown'").format(table))
        unknown = sorted({text for _state, text in cursor.fetchall() if text})
    notices = [*batch.notices]
    if elsewhere:
        notices.append(
            {
                "code": "known_elsewhere",
                "channels": {code: count for code, _title, count in elsewhere},
                **written(
                    _("Order numbers of this file are known in another channel: %(channels)s.")
                    % {"channels": "、".join(f"{title} ({count})" for _code, title, count in elsewhere)}
                ),
            }
        )
    if unknown:
        notices.append(
            {
                "code": "unknown_state",
                "states": unknown[:50],
                **written(
                    _("States not known to us, kept as they are: %(states)s.") % {"states": "、".join(unknown[:20])}
                ),
            }
        )
    put(
        batch, notices=notices, counts={**batch.counts, "known_elsewhere": sum(count for *_channel, count in elsewhere)}
    )


def source_of(batch: ImportBatch) -> Source:
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
    """Count and show what would change, writing nothing."""
    source = source_of(batch)
    with transaction.atomic():
        counts = merging.prepare(source, clock.now())
        shown = preview.compute(source)
        transaction.set_rollback(True)
    put(batch, counts={**batch.counts, **counts}, reading={**batch.reading, "preview": shown})
