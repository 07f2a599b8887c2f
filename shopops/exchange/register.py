"""The register of files: who took what along, when, how much, of which classes; and the one way a file leaves.

    with register.taking(user, Taking(Kind.REPORT, "reports:workbook", "xlsx", tell)) as taken:
        return register.answer(taken, "report-2026-03-24", content)

``taking`` writes the row before anything is made, and refuses what is beyond the limit of an hour;
``answer`` makes the response with the row's number in the file's name and notes how the file ended.
A response that hands out a file and did not come from here is stopped (``shopops.exchange.middleware``).
"""

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Model
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from shopops import clock
from shopops.accounts.seeing import NoFiles
from shopops.approvals.models import Approval
from shopops.errors import Refused
from shopops.exchange.models import Export
from shopops.history.actor import acting, request_id
from shopops.history.services import note

if TYPE_CHECKING:
    from shopops.accounts.models import User

logger = logging.getLogger(__name__)
Kind, State = Export.Kind, Export.State
HOUR: Final = timedelta(hours=1)
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "jsonl": "application/x-ndjson",
    "eml": "message/rfc822",
}
NOT_SAID: Final = "…"  # stands for what was typed: it may be somebody's name or number
Rows = Callable[[], int | None]


class TooManyFiles(Refused):
    """Somebody took as many files along as an hour allows; ``free_at`` is when the next one may be taken."""

    def __init__(self, free_at: datetime, now: datetime) -> None:
        self.free_at, self.seconds = free_at, max(1, math.ceil((free_at - now).total_seconds()))
        minutes = math.ceil(self.seconds / 60)
        time = f"{clock.store_time(now + timedelta(minutes=minutes)):%H:%M}"
        wait = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        super().__init__(
            _(
                "You have taken %(count)s files along within an hour, as many as one person may. The next one at %(time)s, in %(wait)s."
            )
            % {"count": settings.EXPORTS_AN_HOUR, "time": time, "wait": wait}
        )


@dataclass(frozen=True)
class Told:
    """What a file is, in words: never what was typed, never what stands in it."""

    title: object
    columns: Sequence[object] = ()
    filters: Sequence[tuple[object, object]] = ()


@dataclass(frozen=True)
class Taking:
    """A file somebody wants to take along.

    ``what`` is the name of its address; ``tell`` is asked once in each language. ``column_classes`` are the
    field classes of its columns ("" for none), ``classes`` those of a file without columns.
    """

    kind: Export.Kind
    what: str
    format: str
    tell: Callable[[], Told]
    column_classes: Sequence[str] = ()
    classes: Sequence[str] = ()
    is_masked: bool = True
    record: Model | None = None
    approval: Approval | None = None
    expires_at: datetime | None = None
    source: str = ""  # as histories name it: "request:3"


@contextmanager
def taking(user: "User", wanted: Taking) -> Iterator[Export]:
    """Note that ``user`` takes a file along, and hand out its row; what fails inside is noted as broken off.

    Call it outside of a transaction: what is noted stays, whatever happens to the file. Raises
    TooManyFiles, and NoFiles for who only sees as a role.
    """
    if getattr(user, "seeing_as", None) is not None:
        raise NoFiles
    taken = _begun(user, wanted)
    try:
        yield taken
    except BaseException:
        _end(taken, State.BROKEN, None)
        raise


def _begun(user: "User", wanted: Taking) -> Export:
    told, now = _in_each_language(wanted.tell), clock.now()
    classes = sorted({name for name in (*wanted.column_classes, *wanted.classes) if name})
    with acting(user, source=wanted.source):
        if wanted.kind != Kind.ATTACHMENT:
            _count(user, now)
        taken = Export.objects.create(
            user=user,
            at=now,
            request_id=request_id.get(),
            kind=wanted.kind,
            what=wanted.what,
            told=told,
            column_classes=list(wanted.column_classes),
            classes=classes,
            is_masked=wanted.is_masked,
            format=wanted.format,
            approval=wanted.approval,
            table_name=wanted.record._meta.db_table if wanted.record else "",
            row_id=wanted.record.pk if wanted.record else None,
            expires_at=wanted.expires_at,
        )
        note(taken, "export", _as_kept(taken), by=user, source=wanted.source)
    return taken


def _count(user: "User", now: datetime) -> None:
    """Refuse one more file than any hour allows. Files of one person wait for each other, or many at once would pass."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"export:{user.pk}"])
    latest = Export.objects.counted_since(user, now - HOUR).order_by("-at", "-id").values_list("at", flat=True)
    times = list(latest[: settings.EXPORTS_AN_HOUR])
    if len(times) == settings.EXPORTS_AN_HOUR:
        raise TooManyFiles(times[-1] + HOUR, now)


def _in_each_language(tell: Callable[[], Told]) -> dict[str, Any]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            said = tell()
            found[code] = {
                "title": str(said.title),
                "columns": [str(name) for name in said.columns],
                "filters": [[str(label), str(words)] for label, words in said.filters],
            }
    return found


def _as_kept(taken: Export) -> dict[str, object]:
    """Return the row for the history, which keeps it when the register has long forgotten it."""
    left_out = {"id", "user_id", "at", "request_id", "rows", "ended_at"}  # known of the change itself, or not yet
    kept = {field.attname: field.value_from_object(taken) for field in Export._meta.concrete_fields}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in kept.items()
        if name not in left_out and value not in (None, "", [])
    }


def answer(
    taken: Export,
    stem: str,
    content: bytes | IO[bytes] | Iterator[Any],
    *,
    rows: Rows = lambda: None,
    media_type: str = "",
) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """Answer with the file, its number in its name: "orders-20260324-E000012.csv".

    ``content`` is whole (bytes, an open file), or made while it is sent: then the row is ended by the
    last piece, or by whoever went away before it. ``rows`` is asked at the end.
    """
    kind = media_type or MEDIA_TYPES[taken.format]
    is_whole = isinstance(content, bytes) or hasattr(content, "read")
    response: HttpResponse | FileResponse | StreamingHttpResponse
    if isinstance(content, bytes):
        response = HttpResponse(content, content_type=kind)
    elif is_whole:
        response = FileResponse(content, content_type=kind)
    else:
        response = StreamingHttpResponse(_Followed(content, taken, rows), content_type=kind)
    if is_whole:
        _end(taken, State.DONE, rows())
    ending = f".{taken.format}" if taken.format else ""
    name = content_disposition_header(as_attachment=True, filename=f"{stem}-{taken.mark}{ending}")
    response.headers["Content-Disposition"] = name or "attachment"
    response.taken = taken  # type: ignore[union-attr]  # the sign the middleware looks for
    return response


def is_noted(response: HttpResponseBase) -> bool:
    """Say whether a file came through the register."""
    return isinstance(getattr(response, "taken", None), Export)


class _Followed:
    """The pieces of a file on their way: whoever closes them says how the file ended."""

    def __init__(self, pieces: Iterator[Any], taken: Export, rows: Rows) -> None:
        self.pieces, self.taken, self.rows = pieces, taken, rows
        self.is_whole = False

    def __iter__(self) -> "_Followed":
        return self

    def __next__(self) -> Any:
        try:
            return next(self.pieces)
        except StopIteration:
            self.is_whole = True
            raise

    def close(self) -> None:
        """End the row; asked by the web server, also when the browser went away."""
        if hasattr(self.pieces, "close"):
            self.pieces.close()
        _end(self.taken, State.DONE if self.is_whole else State.BROKEN, self.rows())


def _end(taken: Export, state: Export.State, rows: int | None) -> None:
    """Note how a file ended; the first to say so is believed."""
    token = request_id.set(taken.request_id)  # what is streamed ends after its request
    try:
        with acting(taken.user):
            Export.objects.filter(pk=taken.pk, state=State.BEGUN).update(state=state, rows=rows, ended_at=clock.now())
    except DatabaseError:  # the file is out; that it began is noted
        logger.exception("the end of a file is not noted", extra={"export": taken.pk})
    finally:
        request_id.reset(token)


def mark_book(book: Any, taken: Export) -> None:
    """Put a workbook's number into its properties, and with who took it when into each sheet's printed footer."""
    who, when = str(taken.user), f"{clock.store_time(taken.at):%Y-%m-%d %H:%M}"
    book.set_properties({"author": who, "company": settings.STORE_NAME, "keywords": taken.mark})
    book.set_custom_property("ShopOps", taken.mark, "text")
    footer = f"&L&8{_printed(settings.STORE_NAME)}&C&8{taken.mark}&R&8{_printed(who)} · {when}"
    for sheet in book.worksheets():
        sheet.set_footer(footer)


def _printed(text: str) -> str:
    """Return a text as headers and footers of sheets want it: & begins a code there, and 255 characters are all."""
    return text[:60].replace("&", "&&")
