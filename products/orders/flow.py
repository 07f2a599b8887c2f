"""Importing by hand, step by step: files kept, a look at them, checked, written; the browser's way into ``imports``.

Every step is safe when repeated: the same set of batches has one job, whatever is clicked twice.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from products.channels.models import Channel
from products.orders import imports, staging, undoing
from products.orders.formats import base as formats
from shopops import clock
from shopops.access.personal import mask_name, protect_email, protect_phone, protect_text
from shopops.errors import Refused
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, Upload
from shopops.exchange.reading import FileRefused, Limits, open_source
from shopops.jobs import services as jobs
from shopops.jobs.models import Job

if TYPE_CHECKING:
    from shopops.accounts.models import User

State = ImportBatch.State
LOOK_ROWS: Final = 200  # rows read for a first look, before a channel is known
SAMPLES: Final = 3
PERSONAL_TITLES: Final = re.compile(  # of columns whose samples are masked, whatever they are read into
    r"姓名|收货人|收件人|联系人|会员|昵称|买家|顾客|客户名|电话|手机|地址|邮箱|证件|身份|生日|留言|备注"
    r"|\b(?:receiver|recipient|consignee|contact|buyer|nick|phone|mobile|tel|e-?mail|address|street|birth\w*)",
    re.IGNORECASE,
)
PHONE_LIKE: Final = re.compile(r"(?:\+|00)?(?:86[ -]?)?1\d{2}[ -]?\d{4}[ -]?\d{4}")


@dataclass(frozen=True)
class Look:
    """What a first look at a file tells: its columns with samples, its likely format, the shops it names."""

    header: list[str] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)  # a column's first values, personal ones masked
    format: str = ""
    shop_names: tuple[str, ...] = ()
    refusal: str = ""


def look_at(upload: Upload, *, sheet: str = "") -> Look:
    """Read the head of a file; what cannot be read is told by ``refusal``."""
    limits = Limits(
        rows=settings.IMPORT_MAX_ROWS, size=settings.IMPORT_MAX_BYTES_COMMAND, unpacked=settings.IMPORT_MAX_UNPACKED
    )
    try:
        with (
            uploads.opened(upload) as path,
            open_source(path, name=upload.name, limits=limits, sheet=sheet or None) as source,
        ):
            found = formats.detect(source)
            if found:
                fmt = found[0][0]
                names = _shops(fmt, source)
                return Look(header=list(source.header), format=fmt.code, shop_names=names)
            rows = [cells for _row, cells in islice(source.rows, SAMPLES)]
            return Look(header=list(source.header), samples=_samples(source.header, rows))
    except FileRefused as refusal:
        return Look(refusal=str(refusal))
    except FileNotFoundError:
        return Look(refusal=_("The uploaded file is no longer kept. Upload it again."))


def _shops(fmt: Any, source: Any) -> tuple[str, ...]:
    reader = fmt.reader(
        source,
        zone=ZoneInfo(settings.STORE_TIME_ZONE),
        protect_phone=protect_phone,
        protect_email=protect_email,
        protect_text=protect_text,
        reject=lambda *_args, **_kwargs: None,
        mapping=None,
    )
    for _record in islice(iter(reader), LOOK_ROWS):
        pass
    return tuple(sorted(reader.shop_names))[:20]


def columns_of(upload: Upload, *, sheet: str = "") -> Look:
    """Return the file's columns with samples, whatever its format. Refusals are told by ``refusal``."""
    limits = Limits(
        rows=settings.IMPORT_MAX_ROWS, size=settings.IMPORT_MAX_BYTES_COMMAND, unpacked=settings.IMPORT_MAX_UNPACKED
    )
    try:
        with (
            uploads.opened(upload) as path,
            open_source(path, name=upload.name, limits=limits, sheet=sheet or None) as source,
        ):
            rows = [cells for _row, cells in islice(source.rows, SAMPLES)]
            return Look(header=list(source.header), samples=_samples(source.header, rows))
    except FileRefused as refusal:
        return Look(refusal=str(refusal))
    except FileNotFoundError:
        return Look(refusal=_("The uploaded file is no longer kept. Upload it again."))


def _samples(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [
        [
            _masked(row[index], personal=bool(PERSONAL_TITLES.search(str(title))))
            for row in rows
            if index < len(row) and row[index] not in (None, "")
        ]
        for index, title in enumerate(header)
    ]


def _masked(value: Any, *, personal: bool = False) -> str:
    """A sample by which nobody is known: what looks like a phone keeps three and four digits, addresses of e-mail
    their domain; of a column whose title says a person stands there, the first letter."""
    text = str(value)[:40]
    if "@" in text:
        return protect_email(text).mask or mask_name(text)
    if PHONE_LIKE.fullmatch(text.strip()):
        digits = [char for char in text if char.isdigit()]
        return f"{''.join(digits[:3])}****{''.join(digits[-4:])}"
    return mask_name(text) if personal else text


def proposed_channel(look: Look, among: QuerySet[Channel]) -> Channel | None:
    """Return the one active channel of ``among`` whose shop names the file bears; None where none or several do."""
    if not look.shop_names:
        return None
    found = list(among.filter(is_active=True, shop_names__overlap=list(look.shop_names))[:2])
    if not found:
        found = list(among.filter(is_active=True, title__in=look.shop_names)[:2])
    return found[0] if len(found) == 1 else None


def begin_check(files: Iterable[tuple[Upload, Channel]], options: imports.Options, *, by: "User") -> list[ImportBatch]:
    """Note the files as one import and have them checked; nothing is written yet."""
    with transaction.atomic():
        batches = [
            imports.add_batch(upload, channel, options, by=by, position=position)
            for position, (upload, channel) in enumerate(files)
        ]
        imports.submit(imports.CHECK, batches, by=by)
    return batches


def write(batches: Sequence[ImportBatch], *, skip_bad: bool, confirmed: bool, on_tie: str, by: "User") -> None:
    """Have the checked files of one import written, all or none.

    Raises Refused where one is not ready, or its order numbers stand in another channel and nobody
    confirmed that.
    """
    with transaction.atomic():
        locked = list(
            ImportBatch.objects.select_for_update(of=["self"])
            .filter(pk__in=[item.pk for item in batches])
            .order_by("pk")
        )
        waiting = [item for item in locked if item.state not in (State.DONE, State.IMPORTING)]
        if not waiting:
            return  # clicked twice
        for batch in waiting:
            _ready(batch, skip_bad=skip_bad, confirmed=confirmed)
        values: dict[str, Any] = {"skip_bad": skip_bad, "confirmed": confirmed}
        if on_tie in ("take", "keep"):
            values["on_tie"] = on_tie
        ImportBatch.objects.filter(pk__in=[item.pk for item in waiting]).update(**values)
        imports.submit(imports.RUN, waiting, by=by)
        ImportBatch.objects.filter(pk__in=[item.pk for item in waiting]).update(state=State.IMPORTING)


def _ready(batch: ImportBatch, *, skip_bad: bool, confirmed: bool) -> None:
    refused_rows = batch.state == State.REFUSED and (batch.refusal or {}).get("code") == "rows"
    if batch.state != State.CHECKED and not (skip_bad and refused_rows):
        raise Refused(
            _("“%(file)s” is not ready to be written: %(state)s.")
            % {"file": batch.upload.name, "state": batch.get_state_display()}
        )
    if not confirmed and any(item.get("code") == "known_elsewhere" for item in batch.notices):
        raise Refused(_("Its order numbers are known in another channel. Confirm that, or choose that channel."))


def check_again(batch: ImportBatch, *, channel: Channel, options: imports.Options, by: "User") -> ImportBatch:
    """Check the same file with other choices, as a new import; the former one is cancelled."""
    with transaction.atomic():
        cancel([batch])
        return begin_check([(batch.upload, channel)], replace(options, limits=Limits()), by=by)[0]


def cancel(batches: Sequence[ImportBatch]) -> None:
    """Stop an import before it is written; what is written already stays."""
    for batch in batches:
        if batch.job_id:
            jobs.cancel(batch.job_id)
    stopped = (State.WAITING, State.CHECKING, State.CHECKED, State.REFUSED, State.INTERRUPTED)
    ids = [batch.pk for batch in batches]
    ImportBatch.objects.filter(pk__in=ids, state__in=stopped, merged_at=None).update(
        state=State.CANCELLED, finished_at=clock.now()
    )
    for pk in ids:
        if ImportBatch.objects.filter(pk=pk, state=State.CANCELLED).exists():
            staging.drop(pk)


def take_back(batch: ImportBatch, *, by: "User") -> None:
    """Have a written import taken back whole. Raises Refused with what was built on it."""
    undoing.submit(batch, by=by)


def reason_against_undo(batch: ImportBatch) -> str:
    """Return why an import cannot be taken back; empty when it can."""
    return str(undoing.reason_against(batch) or "")


def undo_job(batch: ImportBatch) -> Job | None:
    """Return the job that is taking this import back, while it works."""
    open_states = (Job.State.QUEUED, Job.State.RUNNING)
    return Job.objects.filter(kind=undoing.RUN, key=str(batch.pk), state__in=open_states).first()
