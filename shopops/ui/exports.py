"""Tables as files: streamed, with numbers as numbers and nothing a spreadsheet would run."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import xlsxwriter
from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import get_language, override

from shopops import clock
from shopops.exchange import register
from shopops.exchange.models import Export
from shopops.ui.reading import BLOCK, Columns, Reading

DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\x00")  # OWASP: also in full width
ROWS_OF_A_SHEET = 1_048_575
COLUMNS_OF_A_SHEET: Final = 16_384
KINDS: Final = ("csv", "xlsx")
LONGEST_NUMBER: Final = 10**15  # what has more digits, a spreadsheet would round
EXCEL_BEGINS: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - the day 0 of workbooks
_BEGINNINGS: Final = frozenset(DANGEROUS)


def safe_text(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula: a quote before what begins like one."""
    clean = text.replace("\x00", "")
    return f"'{clean}" if text.startswith(DANGEROUS) else clean


def plain(value: object) -> str:
    """Return a value for CSV: exact numbers, store times, safe texts."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, datetime):
        return f"{clock.store_time(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return safe_text(str(value))


def csv_pieces(head: Iterable[object], blocks: Iterable[Columns], kinds: Sequence[str]) -> Iterator[str]:
    """Yield the pieces of a CSV file that Excel opens as UTF-8: its head, then block after block."""
    yield "\ufeff" + _written([[plain(item) for item in head]])
    for columns in blocks:
        ready = [_plain_column(kind, values) for kind, values in zip(kinds, columns, strict=True)]
        yield _written(zip(*ready, strict=True))


def csv_lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the pieces of a CSV file of these rows."""
    yield from csv_pieces(head, (), ())
    waiting = iter(rows)
    while block := list(islice(waiting, BLOCK)):
        yield _written([plain(value) for value in row] for row in block)


def _written(rows: Iterable[Iterable[object]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _plain_column(kind: str, values: Sequence[object]) -> Sequence[object]:
    """Return a column's values as a CSV file has them; the reading already wrote numbers and times."""
    match kind:
        case "decimal" | "number" | "moment" | "day":
            return values
        case "text" | "words":
            # A text begins like no formula in all but a few rows: one look decides.
            return [text if text is None or text[:1] not in _BEGINNINGS else safe_text(text) for text in values]  # type: ignore[index]  # columns of the kind text hold texts
    return [plain(value) for value in values]


class _Tally:
    """How many rows went by."""

    count = 0

    def blocks(self, blocks: Iterable[Columns]) -> Iterator[Columns]:
        for columns in blocks:
            self.count += len(columns[0])
            yield columns

    def rows(self, rows: Iterable[Iterable[object]]) -> Iterator[Iterable[object]]:
        for row in rows:
            self.count += 1
            yield row


def csv_response(
    taken: Export, name: str, head: Iterable[object], rows: Iterable[Iterable[object]]
) -> HttpResponseBase:
    """Answer with a CSV file that is made while it is sent; nothing in it tells of the register."""
    tally = _Tally()
    pieces = spoken(csv_lines(head, tally.rows(rows)), get_language())
    return register.answer(taken, name, pieces, rows=lambda: tally.count)


def csv_of(taken: Export, name: str, head: Iterable[object], reading: Reading) -> HttpResponseBase:
    """Answer with the rows of a list as a CSV file that is made while it is sent."""
    tally = _Tally()
    pieces = csv_pieces(head, tally.blocks(reading.blocks()), [part.kind for part in reading.parts])
    return register.answer(taken, name, spoken(pieces, get_language()), rows=lambda: tally.count)


def spoken(pieces: Iterator[str], language: str | None) -> Iterator[str]:
    """Make each piece in the language of whoever asked: it is made when the page's answer is long over."""
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def write_xlsx(
    file: IO[bytes],
    title: str,
    head: Iterable[object],
    rows: Iterable[Iterable[object]],
    kinds: Sequence[str] = (),
    *,
    taken: Export | None = None,
) -> None:
    """Write one sheet row by row in constant memory; rows beyond a sheet's limit go on in the next.

    ``kinds`` are those of a reading's parts; columns without one are written by what each value is.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": _folder()}
    with xlsxwriter.Workbook(
        file, options | {"default_date_format": "yyyy-mm-dd hh:mm:ss", "remove_timezone": True}
    ) as book:
        bold, cells = book.add_format({"bold": True}), _Cells(book)
        writers = [cells.writer(kind) for kind in kinds]
        writers += [cells.any] * (COLUMNS_OF_A_SHEET - len(writers))
        names, sheet, line = [str(item) for item in head], None, 0
        for row in rows:
            if sheet is None or line > ROWS_OF_A_SHEET:
                sheet, line = _sheet(book, title, names, bold), 1
            for column, value in enumerate(row):
                if value is not None:
                    writers[column](sheet, line, column, value)
            line += 1
        if sheet is None:
            _sheet(book, title, names, bold)
        if taken is not None:
            register.mark_book(book, taken)


def _sheet(book: Any, title: str, names: list[str], bold: Any) -> Any:
    number = len(book.worksheets())
    clean = "".join(char for char in title if char not in "[]:*?/\\'")[:25] or "1"
    sheet = book.add_worksheet(clean if not number else f"{clean} {number + 1}")
    sheet.freeze_panes(1, 0)
    for column, text in enumerate(names):
        sheet.set_column(column, column, 16)
        sheet.write_string(0, column, text, bold)
    return sheet


class _Cells:
    """How a value of each kind becomes a cell."""

    def __init__(self, book: Any) -> None:
        self.money = book.add_format({"num_format": "#,##0.00##"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def writer(self, kind: str) -> Callable[[Any, int, int, Any], None]:
        """Return what writes a value that is there; of ``made`` ones the value itself says its kind."""
        known = {
            "decimal": self.decimal,
            "number": self.number,
            "moment": self.moment,
            "text": self.text,
            "words": self.text,
        }
        return known.get(kind, self.any)

    def decimal(self, sheet: Any, line: int, column: int, value: Any) -> None:
        sheet.write_number(line, column, value, self.money)

    def number(self, sheet: Any, line: int, column: int, value: Any) -> None:
        if abs(value) < LONGEST_NUMBER:
            sheet.write_number(line, column, value)
        else:
            sheet.write_string(line, column, str(value))

    def moment(self, sheet: Any, line: int, column: int, value: datetime) -> None:
        """Write a naive store time, by the second."""
        passed = value - EXCEL_BEGINS
        sheet.write_number(line, column, passed.days + passed.seconds / 86_400, self.time)

    def text(self, sheet: Any, line: int, column: int, value: str) -> None:
        sheet.write_string(line, column, safe_text(value)[:32_767])

    def any(self, sheet: Any, line: int, column: int, value: object) -> None:
        if isinstance(value, Decimal):
            self.decimal(sheet, line, column, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.number(sheet, line, column, value)
        elif isinstance(value, datetime):
            self.moment(sheet, line, column, clock.store_time(value).replace(tzinfo=None))
        elif isinstance(value, date):
            sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), self.day)  # noqa: DTZ001 - a day
        else:
            self.text(sheet, line, column, str(value))


def xlsx_response(
    taken: Export,
    name: str,
    title: str,
    head: Iterable[object],
    rows: Iterable[Iterable[object]],
    kinds: Sequence[str] = (),
) -> HttpResponseBase:
    """Answer with a workbook of one table that bears its number."""
    file, tally = TemporaryFile(dir=_folder()), _Tally()  # noqa: SIM115 - the answer closes it
    write_xlsx(file, title, head, tally.rows(rows), kinds, taken=taken)
    file.seek(0)
    return register.answer(taken, name, file, rows=lambda: tally.count)


def xlsx_of(taken: Export, name: str, title: str, head: Iterable[object], reading: Reading) -> HttpResponseBase:
    """Answer with the rows of a list as a workbook."""
    rows = (row for columns in reading.blocks() for row in zip(*columns, strict=True))
    return xlsx_response(taken, name, title, head, rows, [part.kind for part in reading.parts])


def _folder() -> str:
    folder = Path(settings.VAR_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)
