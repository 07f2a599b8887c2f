"""Tables as files: streamed, with numbers as numbers and nothing a spreadsheet would run."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse

from shopops import clock

DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\x00")  # OWASP: also in full width
ROWS_OF_A_SHEET = 1_048_575


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


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a CSV file that Excel opens as UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([plain(item) for item in head])
    for row in rows:
        yield writer.writerow([plain(item) for item in row])


def csv_response(name: str, head: Iterable[object], rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Answer with a CSV file that is made while it is sent."""
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def write_xlsx(file: IO[bytes], title: str, head: Iterable[object], rows: Iterable[Iterable[object]]) -> None:
    """Write one sheet row by row in constant memory; rows beyond a sheet's limit go on in the next."""
    folder = Path(settings.VAR_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(folder)}
    with xlsxwriter.Workbook(
        file, options | {"default_date_format": "yyyy-mm-dd hh:mm:ss", "remove_timezone": True}
    ) as book:
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00##"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        names, sheet, line = [str(item) for item in head], None, 0
        for row in rows:
            if sheet is None or line > ROWS_OF_A_SHEET:
                sheet = _sheet(book, title, names, bold)
                line = 1
            for column, value in enumerate(row):
                _write(sheet, line, column, value, money, day)
            line += 1
        if sheet is None:
            _sheet(book, title, names, bold)


def _sheet(book: Any, title: str, names: list[str], bold: Any) -> Any:
    number = len(book.worksheets())
    clean = "".join(char for char in title if char not in "[]:*?/\\'")[:25] or "1"
    sheet = book.add_worksheet(clean if not number else f"{clean} {number + 1}")
    sheet.freeze_panes(1, 0)
    for column, text in enumerate(names):
        sheet.set_column(column, column, 16)
        sheet.write_string(0, column, text, bold)
    return sheet


def _write(sheet: Any, line: int, column: int, value: object, money: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, Decimal):
        sheet.write_number(line, column, value, money)
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15:
        sheet.write_number(line, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, column, clock.store_time(value).replace(tzinfo=None))
    elif isinstance(value, date):
        sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a day
    else:
        sheet.write_string(line, column, safe_text(str(value))[:32_767])


def xlsx_response(name: str, title: str, head: Iterable[object], rows: Iterable[Iterable[object]]) -> FileResponse:
    """Answer with a workbook of one table."""
    file = TemporaryFile(dir=_folder())  # noqa: SIM115 - FileResponse closes it
    write_xlsx(file, title, head, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")


def _folder() -> str:
    folder = Path(settings.VAR_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)
