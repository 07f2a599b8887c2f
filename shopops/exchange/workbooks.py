"""Workbooks: what an .xlsx holds is counted and checked in its streamed XML before anything loads the sheet.

Values only: formulas are never computed, macros never run, links never followed.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import ParseError, fromstring

import python_calamine as calamine

from shopops.exchange.containers import PIECE, Container
from shopops.exchange.refusals import FileRefused, Limits, Notice
from shopops.words import sentence as _

MOST_CELLS: Final = 6_000_000  # rows × columns of the sheet, empty ones too: what the reader would hold
MOST_FAULTS: Final = 100_000
MOST_TEXTS: Final = 100 * 2**20  # bytes of shared texts
LONGEST_CELL: Final = 4 << 20  # bytes of XML
_TAIL: Final = 1 << 17  # a cell is never longer than this, or its faults are not found

_DOCTYPE: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ROW_NUMBER: Final = re.compile(rb"\br\s*=\s*[\"'](\d{1,9})")
_HIDDEN: Final = re.compile(rb"\bhidden\s*=\s*[\"'](1|true)")
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b")
_REFERENCE: Final = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br\s*=\s*[\"']([A-Za-z]{1,4})(\d{1,9})")
_ERROR: Final = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"[^>]*>(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?'
    rb"<(?:\w+:)?v>([^<]*)"
)
_FORMULA: Final = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class Faults:
    """Cells nobody can read, by row: (column number, code, what stands there)."""

    cells: dict[int, list[tuple[int, str, str]]] = field(default_factory=dict)

    def add(self, row: int, column: int, code: str, shown: str) -> None:
        self.cells.setdefault(row, []).append((column, code, shown))
        if len(self.cells) > MOST_FAULTS:
            raise FileRefused(
                "unreadable_cells",
                _(
                    "More than %(limit)s rows hold merged cells, errors or formulas without a value. Save the values alone."
                )
                % {"limit": MOST_FAULTS},
                row=row,
            )


@dataclass
class Book:
    """An opened workbook and the sheet that was chosen."""

    base_1904: bool
    faults: Faults
    notices: list[Notice]
    rows: Iterator[tuple[int, list[Any]]]


def sheets_of(container: Container) -> tuple[list[str], set[str]]:
    """Return the names of the sheets in order and which of them are hidden. Raises FileRefused."""
    with _opened(container) as book:
        sheets = [item for item in book.sheets_metadata if item.typ == calamine.SheetTypeEnum.WorkSheet]
        return (
            [item.name for item in sheets],
            {item.name for item in sheets if item.visible != calamine.SheetVisibleEnum.Visible},
        )


def _opened(container: Container) -> calamine.CalamineWorkbook:
    try:
        if container.inner is not None:
            return calamine.CalamineWorkbook.from_filelike(io.BytesIO(container.inner))
        return calamine.CalamineWorkbook.from_path(str(container.path))
    except calamine.PasswordError as error:
        raise FileRefused(
            "password", _("The file is protected by a password. Take the password off and upload it again.")
        ) from error
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, OSError) as error:
        raise _broken() from error


def _broken() -> FileRefused:
    return FileRefused(
        "broken_workbook", _("The workbook is damaged or of a kind that cannot be read. Save it as .xlsx.")
    )


def check(container: Container, limits: Limits) -> list[Notice]:
    """Look over an .xlsx without opening it: entities, macros, links, shared texts. Raises FileRefused."""
    if container.kind != "xlsx":
        return []
    notices = []
    with _archive(container) as archive:
        names = set(archive.namelist())
        if "xl/vbaProject.bin" in names:
            notices.append(Notice("macros", _("The workbook holds macros; they are not run.")))
        if any(name.startswith("xl/externalLinks/") for name in names):
            notices.append(Notice("links", _("The workbook points to other files; they are not opened.")))
        for name in sorted(names):
            if name.endswith((".xml", ".rels")) and not name.startswith("xl/worksheets/sheet"):
                _check_part(archive, name, limits)
    return notices


def _archive(container: Container) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(container.inner) if container.inner is not None else container.path)


def _check_part(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    most = MOST_TEXTS if name == "xl/sharedStrings.xml" else limits.unpacked
    done, tail = 0, b""
    for piece in _stream(archive, name):
        done += len(piece)
        if done > most:
            raise _too_many(name)
        _refuse_entities(tail + piece)
        tail = piece[-16:]


def _stream(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, NotImplementedError) as error:
        raise _broken() from error


def _refuse_entities(data: bytes) -> None:
    if _DOCTYPE.search(data):
        raise FileRefused("entities", _("The workbook declares its own XML entities; such files are not read."))


def _too_many(name: str) -> FileRefused:
    return FileRefused(
        "too_many_cells",
        _("The sheet is too large: at most %(limit)s cells are read from a workbook. Save it as CSV. (%(part)s)")
        % {"limit": MOST_CELLS, "part": name.rsplit("/", 1)[-1]},
    )


def _part_of(archive: zipfile.ZipFile, sheet: str) -> tuple[str, bool]:
    """Return the archive's part that holds ``sheet`` and whether the workbook counts days from 1904."""
    try:
        book = fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - check() refused entities
        links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    except (KeyError, ParseError, ValueError, zipfile.BadZipFile) as error:
        raise _broken() from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    properties = book.find(f"{_SHEET}workbookPr")
    base_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    for item in book.iter(f"{_SHEET}sheet"):
        if item.get("name") == sheet:
            target = targets.get(item.get(_LINK), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}", base_1904
    raise _broken()


@dataclass
class _Scan:
    """What the sheet's XML holds, counted piece by piece; never more of it in memory than a piece."""

    name: str
    faults: Faults
    rows: int = 0
    last_row: int = 0
    columns: int = 0
    in_row: int = 0
    hidden: int = 0

    def take(self, data: bytes, until: int) -> None:
        """Count what begins before ``until``; the rest comes again with the next piece."""
        at = 0
        for match in _ROW.finditer(data, 0, until):
            self._cells(data, at, match.start())
            self._row(match[1])
            at = match.end()
        self._cells(data, at, until)
        references = _REFERENCE.findall(data, 0, until)
        if references:
            self.columns = max(self.columns, *(_column(letters) for letters in {pair[0] for pair in references}))
            self.last_row = max(self.last_row, *map(int, {pair[1] for pair in references}))
        if max(self.rows, self.last_row, 1) * self.columns > MOST_CELLS:
            raise _too_many(self.name)
        self._note_faults(data, until)

    def _note_faults(self, data: bytes, until: int) -> None:
        for match in _ERROR.finditer(data):
            if match.start() < until:
                self.faults.add(int(match[2]), _column(match[1]), "error_cell", match[3].decode("ascii", "replace"))
        if b"<f" in data or b":f" in data:
            for match in _FORMULA.finditer(data):
                if match.start() < until:
                    self.faults.add(int(match[2]), _column(match[1]), "formula", "")

    def _row(self, attributes: bytes) -> None:
        self.rows += 1
        number = _ROW_NUMBER.search(attributes)
        self.last_row = max(self.last_row + 1, int(number[1]) if number else 0)
        self.hidden += bool(_HIDDEN.search(attributes))
        self.in_row = 0

    def _cells(self, data: bytes, start: int, end: int) -> None:
        self.in_row += len(_CELL.findall(data, start, end))
        self.columns = max(self.columns, self.in_row)
        if max(self.rows, self.last_row, 1) * self.columns > MOST_CELLS:
            raise _too_many(self.name)


def _column(letters: bytes) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _scanned(archive: zipfile.ZipFile, part: str, limits: Limits) -> _Scan:
    scan, rest, done = _Scan(part, Faults()), b"", 0
    for piece in _stream(archive, part):
        done += len(piece)
        data = rest + piece
        _refuse_entities(data)
        # Tags hold no "<", so what begins before one ends before it; a cell is whole within the tail.
        cut = max(0, data.rfind(b"<", 0, max(0, len(data) - _TAIL)))
        scan.take(data, cut)
        rest = data[cut:]
        if done > limits.unpacked or len(rest) > LONGEST_CELL:
            raise _too_many(part)
    scan.take(rest, len(rest))
    return scan


def open_book(container: Container, sheet: str, limits: Limits) -> Book:
    """Open one sheet of a workbook. Raises FileRefused."""
    notices: list[Notice] = []
    faults, base_1904 = Faults(), False
    if container.kind == "xlsx":
        with _archive(container) as archive:
            part, base_1904 = _part_of(archive, sheet)
            scan = _scanned(archive, part, limits)
        faults = scan.faults
        if scan.hidden:
            notices.append(
                Notice("hidden_rows", _("%(count)s hidden rows are read like the others.") % {"count": scan.hidden})
            )
    try:
        with _opened(container) as book:
            content = book.get_sheet_by_name(sheet)
            merged = content.merged_cell_ranges if container.kind == "xlsx" else None
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, calamine.WorksheetNotFound) as error:
        raise _broken() from error
    _note_merged(merged or [], faults)
    return Book(base_1904, faults, notices, _rows(content))


def _note_merged(ranges: list[Any], faults: Faults) -> None:
    """A merged cell has its value in one place only, so every row it spans is doubtful."""
    for (top, left), (bottom, right) in ranges:
        for row in range(top, bottom + 1):
            for column in range(left, min(right, left + 100) + 1):
                faults.add(row + 1, column + 1, "merged", "")


def _rows(content: calamine.CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    filler: list[Any] = [""] * (content.start[1] if content.start else 0)
    for number, row in enumerate(content.iter_rows(), 1):
        if any(cell != "" for cell in row):
            yield number, filler + row if filler else row
