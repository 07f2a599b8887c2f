"""The copy a person gets of their data: a workbook and JSON in one zip, kept encrypted for a few days."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from shopops import clock
from shopops.exchange import boxes
from shopops.history.actor import SYSTEM, acting
from shopops.privacy import requests
from shopops.privacy.models import Request
from shopops.privacy.registry import Row, Subject, person_data
from shopops.ui.exports import plain, safe_text

if TYPE_CHECKING:
    from shopops.accounts.models import User

FOLDER: Final = "copies"
KEPT: Final = timedelta(days=7)


class Gone(Exception):
    """The copy was removed after its days, or belongs to somebody else."""


def make(pk: int, *, by: "User") -> Request:
    """Put the person's data together and close the request; only ``by`` may fetch the file. Raises NotNow."""
    with acting(by, source=f"request:{pk}"):
        item = requests.locked(pk)
        if item.kind != Request.Kind.COPY:
            raise requests.NotNow(_("This request asks for something else."))
        subject = requests.subject_of(item)
        content, counts = _zipped(subject, str(item))
        item.copy_path = boxes.put(io.BytesIO(content), FOLDER).path
        item.copy_by, item.copy_at, item.counts = by, clock.now(), counts
        requests.close(item, Request.State.DONE, by=by)
    return item


def content_of(item: Request, user: "User") -> Iterator[bytes]:
    """Yield the bytes of a copy to who made it. Raises Gone."""
    if not is_there(item, user):
        raise Gone
    return boxes.take(item.copy_path)


def is_there(item: Request, user: "User") -> bool:
    """Say whether this person may fetch the copy now."""
    until = item.copy_at + KEPT if item.copy_at else None
    return bool(item.copy_path and item.copy_by_id == user.pk and until and clock.now() < until)


def marked(pieces: Iterator[bytes], mark: str) -> bytes:
    """Return a copy with the number of who takes it along in the archive itself."""
    whole = io.BytesIO(b"".join(pieces))
    with zipfile.ZipFile(whole, "a") as archive:
        archive.comment = mark.encode()
    return whole.getvalue()


def remove_old(before: datetime) -> int:
    """Remove copies made earlier; return how many."""
    old = list(Request.objects.exclude(copy_path="").filter(copy_at__lt=before))
    with acting(SYSTEM, source="retention:copies"):
        Request.objects.filter(pk__in=[item.pk for item in old]).update(copy_path="")
        for item in old:
            transaction.on_commit(partial(boxes.remove, item.copy_path))
    return len(old)


def _zipped(subject: Subject, title: str) -> tuple[bytes, dict[str, int]]:
    parts: dict[str, list[Row]] = {
        item.code: list(item.copy(subject)) for item in person_data() if item.copy is not None
    }
    labels = {item.code: str(item.label) for item in person_data()}
    body = {
        labels[code]: [{name: _json(value) for name, value in row.items()} for row in rows]
        for code, rows in parts.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps({"store": settings.STORE_NAME, **body}, ensure_ascii=False, indent=1))
        archive.writestr("data.xlsx", _workbook({labels[code]: rows for code, rows in parts.items()}, title))
    return out.getvalue(), {code: len(rows) for code, rows in parts.items()}


def _workbook(parts: dict[str, list[Row]], title: str) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title, "company": settings.STORE_NAME})
        bold = book.add_format({"bold": True})
        for number, (label, rows) in enumerate(parts.items(), 1):
            clean = "".join(char for char in label if char not in "[]:*?/\\'")[:25]
            sheet = book.add_worksheet(f"{number} {clean}")
            for column, name in enumerate(rows[0] if rows else ()):
                sheet.set_column(column, column, 20)
                sheet.write_string(0, column, str(name), bold)
            for line, row in enumerate(rows, 1):
                for column, value in enumerate(row.values()):
                    sheet.write_string(line, column, safe_text(plain(value))[:32_767])
    return out.getvalue()


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | datetime) else value
