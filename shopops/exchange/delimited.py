"""Delimited text: encoding, delimiter and records with the line they begin on in the file."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from shopops.exchange.containers import Container, pieces
from shopops.exchange.refusals import FileRefused, Limits
from shopops.words import sentence as _

LONGEST_LINE: Final = 1 << 20  # bytes
LONGEST_CELL: Final = 1 << 20  # characters
DELIMITERS: Final = (",", ";", "\t")
SAMPLE: Final = 1 << 16  # characters looked at for the delimiter
_END: Final = "\ue000\ue001end of file\ue001\ue000"  # follows the last line: found inside a cell, a quote is open
_SURE: Final = 4  # CJK characters read as UTF-8 before a bad byte: then it is UTF-8 with a bad byte, not GB18030

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Text:
    """What was found about a text file."""

    encoding: str
    delimiter: str
    ends_in_line_end: bool


@dataclass
class _Try:
    """One encoding tried over the whole file: where it first fails, and how much it had read sensibly."""

    encoding: str
    failed_at: int | None = None
    wide: int = 0


def inspect(container: Container, limits: Limits) -> Text:
    """Read all bytes once: find the encoding and refuse what no encoding explains. Raises FileRefused."""
    stream = pieces(container, limits)
    first = next(stream, b"")
    if not first:
        raise FileRefused("empty", _("The file is empty."))
    tries = _candidates(first)
    width = 2 if tries[0].encoding == "utf-16" else 1
    decoders = [codecs.getincrementaldecoder(item.encoding)() for item in tries]
    lines = _Lines(nul_allowed=width == 2)
    piece, offset = first, 0
    while piece:
        following = next(stream, b"")
        lines.take(piece, offset)
        for item, decoder in zip(tries, decoders, strict=True):
            if item.failed_at is None:
                _decode(item, decoder, piece, offset, final=not following)
        if all(item.failed_at is not None for item in tries):
            break
        offset, piece = offset + len(piece), following
    encoding = _chosen(tries, container, limits)
    return Text(encoding, _delimiter(container, encoding), lines.last in b"\r\n")


def _candidates(first: bytes) -> list[_Try]:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return [_Try("utf-16")]
    if first.startswith(codecs.BOM_UTF8):
        return [_Try("utf-8-sig")]
    return [_Try("utf-8"), _Try("gb18030")]


def _decode(item: _Try, decoder: codecs.IncrementalDecoder, piece: bytes, offset: int, *, final: bool) -> None:
    waiting = len(decoder.getstate()[0])
    try:
        text = decoder.decode(piece, final)
    except UnicodeDecodeError as error:
        item.failed_at = offset - waiting + error.start
        text = error.object[: error.start].decode(item.encoding, "ignore")
    if item.wide < _SURE and not text.isascii():
        item.wide += sum(char > "\u0800" for char in text[: 1 << 14])


def _chosen(tries: list[_Try], container: Container, limits: Limits) -> str:
    utf8, *others = tries
    for item in tries:
        if item.failed_at is None and (item is utf8 or utf8.wide < _SURE):
            return item.encoding
    furthest = max(tries, key=lambda item: item.failed_at or 0)
    failed = utf8 if utf8.wide >= _SURE or not others else furthest
    at = failed.failed_at or 0
    raise FileRefused(
        "encoding",
        _("Row %(row)s is not valid %(encoding)s text (byte %(byte)s of the file). Save it again as UTF-8.")
        % {"row": _row_of(container, limits, at), "encoding": failed.encoding.upper(), "byte": at + 1},
        row=_row_of(container, limits, at),
    )


def _row_of(container: Container, limits: Limits, at: int) -> int:
    row, offset = 1, 0
    for piece in pieces(container, limits):
        row += piece[: max(0, at - offset)].count(b"\n")
        offset += len(piece)
        if offset >= at:
            break
    return row


class _Lines:
    """Looks over raw bytes for what no table has: NUL bytes and endless lines."""

    def __init__(self, *, nul_allowed: bool) -> None:
        self.nul_allowed = nul_allowed
        self.row = 1
        self.since = 0
        self.last = b"\n"

    def take(self, piece: bytes, offset: int) -> None:
        if not self.nul_allowed and b"\0" in piece:
            at = piece.index(b"\0")
            row = self.row + piece.count(b"\n", 0, at)
            raise FileRefused(
                "nul",
                _("Row %(row)s holds a NUL byte (byte %(byte)s of the file): the file is damaged or no text.")
                % {"row": row, "byte": offset + at + 1},
                row=row,
            )
        self._measure(piece)
        self.row += piece.count(b"\n")
        self.last = piece[-1:]

    def _measure(self, piece: bytes) -> None:
        """A piece is at most as long as the longest line, so a line too long leaves a piece without a line end."""
        first = self._end(piece)
        if first < 0:
            self.since += len(piece)
        elif self.since + first <= LONGEST_LINE:
            self.since = len(piece) - max(piece.rfind(b"\n"), piece.rfind(b"\r")) - 1
        else:
            self.since += first
        if self.since > LONGEST_LINE:
            raise FileRefused(
                "long_line",
                _("Row %(row)s is longer than %(limit)s KB.") % {"row": self.row, "limit": LONGEST_LINE >> 10},
                row=self.row,
            )

    @staticmethod
    def _end(piece: bytes) -> int:
        ends = [at for at in (piece.find(b"\n"), piece.find(b"\r")) if at >= 0]
        return min(ends) if ends else -1


def _delimiter(container: Container, encoding: str) -> str:
    """The delimiter that divides the first rows into the most columns; a comma where none does."""
    with container.again() as stream:
        text = io.TextIOWrapper(io.BytesIO(stream.read(SAMPLE * 2)), encoding, "ignore", newline="").read(SAMPLE)
    # Strictly first: a wrong delimiter often breaks a quoted cell, and then must not win by what is left of it.
    strict = _widest(text, strict=True)
    return strict or _widest(text, strict=False) or ","


def _widest(text: str, *, strict: bool) -> str:
    best, widest = "", 1
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        for row in _records_of(io.StringIO(text, newline=""), delimiter, most=20, strict=strict):
            widths[len(row)] += 1
        width = max(widths, key=lambda width: (widths[width] * (width > 1), width), default=1)
        if width > widest:
            best, widest = delimiter, width
    return best


def _records_of(lines: io.StringIO, delimiter: str, most: int, *, strict: bool) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        for _number, row in zip(range(most), csv.reader(lines, delimiter=delimiter, strict=strict), strict=False):
            yield row
    except csv.Error:
        return


def _with_end(lines: io.TextIOWrapper) -> Iterator[str]:
    yield from lines
    yield _END


@contextmanager
def records(container: Container, text: Text) -> Iterator[Iterator[Row]]:
    """Give the records, each with the physical line it begins on; blank lines are left out."""
    with ExitStack() as stack:
        stream = stack.enter_context(container.again())
        wrapper = stack.enter_context(io.TextIOWrapper(stream, text.encoding, newline=""))
        yield _numbered(wrapper, text.delimiter)


def _numbered(wrapper: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_with_end(wrapper), delimiter=delimiter)
    start = 1
    try:
        for row in reader:
            if row and row[-1].endswith(_END):
                if row[-1] != _END or len(row) > 1:
                    raise _open_quote(start + sum(cell.count("\n") for cell in row[:-1]))
                return
            if any(row):
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise _open_quote(start) from error


def _open_quote(row: int) -> FileRefused:
    return FileRefused(
        "open_quote",
        _("A quotation mark opened in row %(row)s is never closed: the file is cut off or damaged.") % {"row": row},
        row=row,
    )
