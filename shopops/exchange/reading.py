"""Reading a table file that came from outside: container, encoding, delimiter, sheet, header row, rows.

Everything is found from the content, never from the name. Rows stream with the row number a person
sees in the file (in text files the line a record begins on). What cannot be read safely is refused.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from shopops.exchange import containers, delimited, workbooks
from shopops.exchange.containers import Container
from shopops.exchange.refusals import FileRefused, Limits, Notice
from shopops.words import sentence as _

__all__ = ["FileRefused", "Limits", "Notice", "Source", "header_name", "open_source"]

HEAD_ROWS: Final = 20  # where the header is looked for
Row = tuple[int, list[Any]]
_NUMBER_OR_DATE: Final = re.compile(r"[-+¥￥$]?[\d,./: \-]+%?")


@dataclass
class Source:
    """One table: what was found about its file, and its rows."""

    kind: str  # csv, xlsx, xls
    name: str
    packed: str = ""  # gz, zip
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    header_row: int = 0
    header: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    faults: dict[int, list[tuple[int, str, str]]] = field(default_factory=dict)  # row: (column, code, shown)
    base_1904: bool = False
    head: list[Row] = field(default_factory=list)
    ends_in_line_end: bool = True
    choices: list[str] = field(default_factory=list)  # sheets to choose from while none is chosen
    limits: Limits = field(default_factory=Limits)
    container: Container | None = None
    _rest: Iterator[Row] = field(default_factory=lambda: iter(()))
    _index: int = 0

    @property
    def rows(self) -> Iterator[Row]:
        """Yield (row number, cells) below the header, once. Raises FileRefused over the limit of rows."""
        if self.choices:
            raise FileRefused(
                "choose_sheet",
                _("The workbook has several sheets; choose one: %(sheets)s") % {"sheets": "、".join(self.choices[:20])},
            )
        count = 0
        for count, row in enumerate(chain(self.head[self._index + 1 :], self._rest), 1):
            if count > self.limits.rows:
                raise FileRefused(
                    "too_many_rows",
                    _("The file has more than %(limit)s rows. Split it.") % {"limit": self.limits.rows},
                    row=row[0],
                )
            yield row

    def begin_at(self, index: int) -> None:
        """Take the ``index``-th of the first rows as the header."""
        self._index = index
        self.header_row, cells = self.head[index]
        self.header = [str(cell).strip("\ufeff \t") if cell is not None else "" for cell in cells]
        while self.header and not self.header[-1]:
            self.header.pop()

    def remark(self, code: str, message: str) -> None:
        """Note something for the user that refuses nothing."""
        self.notices.append(Notice(code, message))

    def take_rows(self, rows: Iterator[Row]) -> None:
        """Start on ``rows``: the first of them are looked at for the header."""
        self.head = list(islice(rows, HEAD_ROWS))
        self._rest = rows
        if self.head:
            self.begin_at(_likely_header(self.head))

    def choose(self, sheet: str) -> None:
        """Read this sheet of the workbook. Raises FileRefused."""
        if self.container is None:
            raise ValueError(sheet)
        book = workbooks.open_book(self.container, sheet, self.limits)
        self.sheet, self.choices, self.base_1904 = sheet, [], book.base_1904
        self.faults = book.faults.cells
        self.notices.extend(book.notices)
        self.take_rows(book.rows)

    def looked_at(self, sheet: str) -> "Source":
        """Return one of the choices opened for a look; this source stays undecided."""
        if self.container is None:
            raise ValueError(sheet)
        book = workbooks.open_book(self.container, sheet, self.limits)
        look = Source(kind=self.kind, name=self.name, sheet=sheet, limits=self.limits)
        look.take_rows(book.rows)
        return look


def header_name(text: object) -> str:
    """Return a header's normal form for comparing: no blanks, half-width brackets, lower case, no BOM."""
    name = "".join(str(text).replace("\ufeff", "").split())
    return name.replace("（", "(").replace("）", ")").replace("：", ":").casefold()


def _likely_header(head: list[Row]) -> int:
    """The first row with at least half as many filled cells as the fullest, none of them a number or date."""
    filled = [sum(1 for cell in cells if cell not in ("", None)) for _row, cells in head]
    most = max(filled)
    for index, (_row, cells) in enumerate(head):
        texts = [cell for cell in cells if cell not in ("", None)]
        if filled[index] * 2 >= most and all(
            isinstance(cell, str) and not _NUMBER_OR_DATE.fullmatch(cell.strip()) for cell in texts
        ):
            return index
    return filled.index(most)


@contextmanager
def open_source(
    path: Path, *, name: str = "", limits: Limits | None = None, sheet: str | None = None
) -> Iterator[Source]:
    """Open the table file at ``path``; ``name`` is only ever shown. Raises FileRefused."""
    limits = limits or Limits()
    container = containers.open_container(Path(path), limits)
    source = Source(
        kind=container.kind, name=name or Path(path).name, packed=container.packed, limits=limits, container=container
    )
    if container.kind == "csv":
        text = delimited.inspect(container, limits)
        source.encoding, source.delimiter, source.ends_in_line_end = (
            text.encoding,
            text.delimiter,
            text.ends_in_line_end,
        )
        with delimited.records(container, text) as rows:
            source.take_rows(rows)
            _refuse_nothing(source)
            yield source
        return
    source.notices.extend(workbooks.check(container, limits))
    source.sheets, hidden = workbooks.sheets_of(container)
    _choose_sheet(source, hidden, sheet)
    yield source


def _refuse_nothing(source: Source) -> None:
    if not source.head:
        raise FileRefused("no_rows", _("The file has no data rows."))


def _choose_sheet(source: Source, hidden: set[str], wanted: str | None) -> None:
    if wanted:
        if wanted not in source.sheets:
            raise FileRefused(
                "no_such_sheet",
                _("The workbook has no sheet “%(sheet)s”. It has: %(sheets)s")
                % {"sheet": wanted, "sheets": "、".join(source.sheets[:20])},
            )
        source.choose(wanted)
        return
    visible = [name for name in source.sheets if name not in hidden] or source.sheets
    if hidden and len(visible) < len(source.sheets):
        source.notices.append(
            Notice(
                "hidden_sheet",
                _("Hidden sheets are not read: %(sheets)s")
                % {"sheets": "、".join(n for n in source.sheets if n in hidden)},
            )
        )
    if len(visible) == 1:
        source.choose(visible[0])
        _refuse_nothing(source)
        return
    looks = {name: source.looked_at(name) for name in visible[:50]}
    filled = [name for name, look in looks.items() if look.head]
    if not filled:
        raise FileRefused("no_rows", _("The file has no data rows."))
    if len(filled) == 1:
        source.choose(filled[0])
        return
    source.choices = filled
    source.header_row, source.header = looks[filled[0]].header_row, looks[filled[0]].header
