"""Files brought to a record: what they are is decided by their bytes, images are made anew, all are kept encrypted.

Nothing of a brought image is kept but its pixels; other files are kept as they are and only ever downloaded.
"""

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from shopops.collaboration import content, decoding, scanning
from shopops.collaboration.models import Attachment, Comment
from shopops.errors import Refused
from shopops.exchange import boxes
from shopops.exchange.uploads import shown_name

if TYPE_CHECKING:
    from shopops.accounts.models import User

FOLDER: Final = "attachments"
AT_ONCE: Final = 10  # files of one comment
OF_RECORD: Final = 200  # files of one record
_decoders = threading.BoundedSemaphore(2)  # images decoded at once by one web process
MEGABYTE: Final = 2**20
PATIENCE: Final = 20  # seconds to wait for a turn
# Marks of writing direction can make "gpj.exe" of a name; shown, they would deceive.
_DIRECTION: Final = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


@dataclass(frozen=True)
class Ready:
    """A file that passed every check and lies encrypted in its place, not yet named by any row."""

    name: str
    kind: str
    media_type: str
    boxed: boxes.Boxed
    thumbnail: str = ""
    width: int | None = None
    height: int | None = None

    def row(self, comment: Comment, *, by: "User", now: datetime) -> Attachment:
        """Return the row that names it, not yet saved."""
        return Attachment(
            comment=comment,
            name=self.name,
            kind=self.kind,
            media_type=self.media_type,
            size=self.boxed.size,
            sha256=self.boxed.sha256,
            path=self.boxed.path,
            thumbnail=self.thumbnail,
            width=self.width,
            height=self.height,
            created_by=by,
            created_at=now,
        )


def largest_request() -> int:
    """Return how many bytes a comment with its files may have on the way here."""
    return int(settings.ATTACHMENT_MAX_BYTES) * AT_ONCE + MEGABYTE


def make_ready(uploads: "Sequence[UploadedFile[Any]]") -> list[Ready]:
    """Check and keep files; either all of them, or none and Refused, which names the file."""
    if len(uploads) > AT_ONCE:
        raise Refused(_("At most %(count)s files at once.") % {"count": AT_ONCE})
    ready: list[Ready] = []
    try:
        for upload in uploads:
            ready.append(_made_ready(upload))  # noqa: PERF401 - those before a refused one are taken away
    except BaseException:
        for item in ready:
            discard(item)
        raise
    return ready


def _made_ready(upload: "UploadedFile[Any]") -> Ready:
    name = shown_name((upload.name or "").translate(_DIRECTION))
    limit = settings.ATTACHMENT_MAX_BYTES
    if (upload.size or 0) > limit:
        raise Refused(_("“%(name)s” is larger than %(limit)s MB.") % {"name": name, "limit": limit >> 20})
    try:
        with _plain(upload) as path:
            found = content.kind_of(path, name)
            scanning.scan(path)
            return _image(path, name) if found.is_image else _as_it_is(path, name, found)
    except Refused as refusal:
        raise Refused(_("“%(name)s”: %(reason)s") % {"name": name, "reason": refusal}) from refusal


@contextmanager
def _plain(upload: "UploadedFile[Any]") -> Iterator[Path]:
    """Give the path of a private copy of the upload for the time of the block."""
    with _temporary() as folder:
        path = folder / "brought"
        with boxes.private(path) as out:
            for piece in upload.chunks():
                out.write(piece)
        yield path


@contextmanager
def _temporary() -> Iterator[Path]:
    folder = Path(settings.VAR_DIR) / "tmp" / f"attachment-{secrets.token_hex(8)}"
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def _as_it_is(path: Path, name: str, found: content.Kind) -> Ready:
    with path.open("rb") as stream:
        return Ready(name, found.code, found.media_type, boxes.put(stream, FOLDER))


def _image(path: Path, name: str) -> Ready:
    if not _decoders.acquire(timeout=PATIENCE):
        raise Refused(_("Too many images are being read right now. Try again in a moment."))
    try:
        image = decoding.decode(path)
    finally:
        _decoders.release()
    with image.path.open("rb") as stream:
        boxed = boxes.put(stream, FOLDER)
    try:
        with image.thumbnail.open("rb") as stream:
            small = boxes.put(stream, FOLDER)
    except BaseException:
        boxes.remove(boxed.path)
        raise
    return Ready(name, "image", image.media_type, boxed, small.path, image.width, image.height)


def discard(ready: Ready) -> None:
    """Take away a file no row will name."""
    delete(ready.boxed.path, ready.thumbnail)


def delete(*paths: str) -> None:
    """Delete kept files; those gone already are no fault."""
    for path in paths:
        boxes.remove(path)


def check_quota(table: str, row: int, files: Sequence[Ready], *, by: "User", now: datetime) -> None:
    """Refuse what would make a record's files, or somebody's of one day, too many or too large."""
    size = sum(item.boxed.size for item in files)
    of_record = Attachment.objects.filter(comment__table_name=table, comment__row_id=row, removed_at=None).aggregate(
        size=Sum("size", default=0), count=Count("pk")
    )
    if of_record["count"] + len(files) > OF_RECORD:
        raise Refused(_("A record has at most %(count)s files.") % {"count": OF_RECORD})
    _within(
        of_record["size"] + size,
        settings.ATTACHMENT_RECORD_BYTES,
        _("The files of a record have at most %(limit)s MB together."),
    )
    today = Attachment.objects.filter(Q(created_by=by), created_at__gt=now - timedelta(days=1))
    brought = today.aggregate(size=Sum("size", default=0))["size"]
    _within(brought + size, settings.ATTACHMENT_PERSON_BYTES, _("You can attach at most %(limit)s MB in a day."))


def _within(size: int, limit: int, words: str) -> None:
    if size > limit:
        raise Refused(words % {"limit": limit >> 20})


def remove_unnamed(*, now: datetime) -> int:
    """Delete kept files older than a day that no row names: what a killed process left; return how many."""
    place = Path(settings.MEDIA_ROOT) / FOLDER
    old = {
        str(path.relative_to(settings.MEDIA_ROOT)): path
        for path in (place.iterdir() if place.is_dir() else ())
        if now.timestamp() - path.stat().st_mtime > timedelta(days=1).total_seconds()
    }
    named = Attachment.objects.filter(Q(path__in=old) | Q(thumbnail__in=old)).values_list("path", "thumbnail")
    unnamed = old.keys() - {path for pair in named for path in pair}
    delete(*unnamed)
    return len(unnamed)


def stream_of(path: str) -> Iterator[bytes]:
    """Yield a kept file's plain bytes."""
    return boxes.take(path)
