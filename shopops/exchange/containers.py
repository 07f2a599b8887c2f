"""What kind of file this is, by its first bytes and never by its name; one packed file inside is opened in place.

Nothing is ever unpacked to a path a file names, and nothing a file points to is fetched.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from shopops.exchange.refusals import FileRefused, Limits
from shopops.words import sentence as _

RATIO: Final = 100  # unpacked ÷ packed
RATIO_FROM: Final = 10 * 2**20  # below this many unpacked bytes nobody is hurt
ENTRIES: Final = 1000
HEAD: Final = 4096
PIECE: Final = 1 << 20

_ZIP, _GZIP, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_TABLES: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
)


@dataclass
class Container:
    """An opened file: ``kind`` csv, xlsx or xls; ``again()`` gives its bytes from the beginning as often as asked."""

    kind: str
    packed: str  # "", gz or zip
    path: Path
    member: str  # of a zip
    size: int  # bytes unpacked, as the archive says; 0: unknown
    inner: bytes | None = None  # a packed workbook, held in memory

    @contextmanager
    def again(self) -> Iterator[IO[bytes]]:
        """Give a stream over the plain bytes, from the first."""
        with ExitStack() as stack:
            if self.inner is not None:
                yield io.BytesIO(self.inner)
            elif self.packed == "gz":
                yield stack.enter_context(gzip.open(self.path, "rb"))
            elif self.packed == "zip":
                archive = stack.enter_context(zipfile.ZipFile(self.path))
                yield stack.enter_context(archive.open(self.member))
            else:
                yield stack.enter_context(self.path.open("rb"))


def open_container(path: Path, limits: Limits) -> Container:
    """Say what the file at ``path`` is. Raises FileRefused for what is no table, locked, or a bomb."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("empty", _("The file is empty."))
    if size > limits.size:
        raise FileRefused("too_large", _("The file is larger than %(limit)s MB.") % {"limit": limits.size >> 20})
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(_GZIP):
        return _opened_gzip(path, size, limits)
    if head.startswith(_ZIP):
        return _opened_zip(path, limits)
    return Container(_kind(head, path), "", path, "", size)


def _kind(head: bytes, path: Path | None) -> str:
    """Say csv or xls of plain bytes, and refuse what only looks like a table."""
    for magic, name in _NOT_TABLES:
        if head.startswith(magic):
            raise FileRefused("not_a_table", _("This is a %(kind)s file, not a table.") % {"kind": name})
    if head.startswith(_OLE):
        if path is not None and "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise _locked()
        return "xls"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise FileRefused(
            "html",
            _("This is a web page (HTML), whatever its name says. Open it in a spreadsheet and save it as .xlsx."),
            row=1,
        )
    if start.startswith((b"<?xml", b"<workbook")):
        raise FileRefused("xml", _("This is an XML file. Open it in a spreadsheet and save it as .xlsx."), row=1)
    return "csv"


def _locked() -> FileRefused:
    return FileRefused("password", _("The file is protected by a password. Take the password off and upload it again."))


def _opened_gzip(path: Path, size: int, limits: Limits) -> Container:
    try:
        with gzip.open(path, "rb") as stream:
            head = stream.read(HEAD)
            if head.startswith((_GZIP, _ZIP, _OLE)):
                inner = head + stream.read(limits.unpacked - len(head) + 1)
                return _packed_workbook(inner, "gz", path, size, limits)
    except (OSError, EOFError) as error:
        raise FileRefused("broken_archive", _("The packed file is damaged or cut off.")) from error
    return Container(_kind(head, None), "gz", path, "", 0)


def _packed_workbook(inner: bytes, packed: str, path: Path, size: int, limits: Limits) -> Container:
    if inner.startswith(_GZIP):
        raise _nested()
    if len(inner) > limits.unpacked or len(inner) > max(RATIO_FROM, size * RATIO):
        raise _bomb(limits)
    if inner.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in inner:
            raise _locked()
        return Container("xls", packed, path, "", len(inner), inner)
    with _archive(io.BytesIO(inner)) as archive:
        names = _checked(archive, limits)
        if not is_workbook(names):
            raise _nested()
    return Container("xlsx", packed, path, "", len(inner), inner)


def _opened_zip(path: Path, limits: Limits) -> Container:
    with _archive(path) as archive:
        names = _checked(archive, limits)
        if is_workbook(names):
            return Container("xlsx", "", path, "", path.stat().st_size)
        members = [
            info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise FileRefused(
                "several_files",
                _("The archive holds %(count)s files; pack one table, or upload them one by one: %(names)s")
                % {"count": len(members), "names": "、".join(info.filename[:60] for info in members[:5])},
            )
        member = members[0]
        try:
            with archive.open(member) as stream:
                head = stream.read(HEAD)
                if head.startswith((_GZIP, _ZIP, _OLE)):
                    inner = head + stream.read(limits.unpacked - len(head) + 1)
                    return _packed_workbook(inner, "zip", path, path.stat().st_size, limits)
        except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
            raise FileRefused("broken_archive", _("The packed file is damaged or cut off.")) from error
        return Container(_kind(head, None), "zip", path, member.filename, member.file_size)


def _archive(file: Path | IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileRefused("broken_archive", _("The packed file is damaged or cut off.")) from error


def is_workbook(names: set[str]) -> bool:
    """Say whether an archive with these entries is an .xlsx; refuses the other office kinds by name."""
    if "xl/workbook.bin" in names:
        raise FileRefused("xlsb", _("This is a binary workbook (.xlsb). Save it as .xlsx."))
    if "[Content_Types].xml" not in names:
        if "mimetype" in names and "content.xml" in names:
            raise FileRefused("ods", _("This is an OpenDocument file. Save it as .xlsx."))
        return False
    if "xl/workbook.xml" not in names:
        raise FileRefused("not_a_table", _("This is a %(kind)s file, not a table.") % {"kind": "Office"})
    return True


def _checked(archive: zipfile.ZipFile, limits: Limits) -> set[str]:
    """Check the directory of an archive before anything of it is unpacked; return the names."""
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise _bomb(limits)
    for info in entries:
        name = info.filename
        if info.flag_bits & 1:
            raise _locked()
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
            raise FileRefused(
                "path", _("The archive holds a path that leads outside it: %(name)s") % {"name": name[:64]}
            )
        if info.file_size > max(RATIO_FROM, info.compress_size * RATIO):
            raise _bomb(limits)
    if sum(info.file_size for info in entries) > limits.unpacked:
        raise _bomb(limits)
    return {info.filename for info in entries}


def _bomb(limits: Limits) -> FileRefused:
    return FileRefused(
        "bomb",
        _(
            "The file unpacks to far more than it should; at most %(limit)s MB, %(ratio)s times its size and %(entries)s parts are read."
        )
        % {"limit": limits.unpacked >> 20, "ratio": RATIO, "entries": ENTRIES},
    )


def _nested() -> FileRefused:
    return FileRefused("nested", _("The archive holds another archive. Pack the table itself."))


def pieces(container: Container, limits: Limits) -> Iterator[bytes]:
    """Yield the plain bytes, never more than the limits allow. Raises FileRefused."""
    most = limits.unpacked if container.packed else limits.size
    if container.packed:
        most = min(most, max(RATIO_FROM, container.path.stat().st_size * RATIO))
    done = 0
    try:
        with container.again() as stream:
            while piece := stream.read(PIECE):
                done += len(piece)
                if done > most:
                    raise _bomb(limits)
                yield piece
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise FileRefused("broken_archive", _("The packed file is damaged or cut off.")) from error
