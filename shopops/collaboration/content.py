"""What a brought file is, by its bytes; its name must agree."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from shopops.errors import Refused
from shopops.exchange.containers import open_container
from shopops.exchange.refusals import Limits


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: its code, its media type, the endings its name may have."""

    code: str
    media_type: str
    endings: tuple[str, ...]
    is_image: bool = False


_JPEG: Final = Kind("image", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), is_image=True)
_PNG: Final = Kind("image", "image/png", ("png",), is_image=True)
_GIF: Final = Kind("image", "image/gif", ("gif",), is_image=True)
_WEBP: Final = Kind("image", "image/webp", ("webp",), is_image=True)
_PDF: Final = Kind("pdf", "application/pdf", ("pdf",))
_XLSX: Final = Kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))
_CSV: Final = Kind("csv", "text/csv", ("csv",))
_TEXT: Final = Kind("txt", "text/plain", ("txt",))
KINDS: Final = (_JPEG, _PNG, _GIF, _WEBP, _PDF, _XLSX, _CSV, _TEXT)
ACCEPT: Final = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)
ALLOWED: Final = "JPEG, PNG, WebP, GIF, PDF, XLSX, CSV, TXT"
_MAGIC: Final = (
    (b"\xff\xd8\xff", _JPEG),
    (b"\x89PNG\r\n\x1a\n", _PNG),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"%PDF-", _PDF),
)
PIECE: Final = 1 << 20
_UNPACKED: Final = 200 * 2**20


def kind_of(path: Path, name: str) -> Kind:
    """Return the kind of the file at ``path``. Raises Refused for others, and where its name says another."""
    found = _by_content(path, name)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in found.endings:
        raise Refused(
            _("Its name says .%(ending)s, but it is a %(kind)s file.")
            % {"ending": ending[:8] or "?", "kind": found.endings[0].upper()}
        )
    return found


def _by_content(path: Path, name: str) -> Kind:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Refused(_("The file is empty."))
    if (found := next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)) is not None:
        return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _WEBP
    if head.startswith(b"PK\x03\x04"):
        _check_workbook(path)
        return _XLSX
    if name.lower().endswith((".csv", ".txt")) and _is_text(path):
        return _CSV if name.lower().endswith(".csv") else _TEXT
    raise Refused(_("Not a kind of file that can be attached. Allowed: %(kinds)s.") % {"kinds": ALLOWED})


def _check_workbook(path: Path) -> None:
    """Refuse archives, bombs, locked workbooks and those with macros, by the archive's directory alone."""
    container = open_container(path, Limits(unpacked=_UNPACKED))
    if container.kind != "xlsx" or container.packed:
        raise Refused(_("Not a kind of file that can be attached. Allowed: %(kinds)s.") % {"kinds": ALLOWED})
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except BadZipFile as error:
        raise Refused(_("The file is damaged.")) from error
    if any(entry.lower().endswith("vbaproject.bin") for entry in names):
        raise Refused(_("The workbook has macros. Save it as .xlsx without them."))


def _is_text(path: Path) -> bool:
    """Say whether the bytes are text: UTF-8, GB18030, or UTF-16 with its mark, without control characters."""
    with path.open("rb") as file:
        utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encodings = ("utf-16",) if utf16 else ("utf-8", "gb18030")
    return any(_reads_as(path, encoding) for encoding in encodings)


def _reads_as(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                if _has_controls(decoder.decode(piece)):
                    return False
            return not _has_controls(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        return False


def _has_controls(text: str) -> bool:
    return any(ord(char) < 32 and char not in "\t\n\r\f" for char in set(text))
