"""One cell of a file to one value of ours: identifiers, texts, money, counts, moments.

Cells are text (CSV), or what a workbook holds: text, float, bool, date or moment. Every function
raises BadCell with a sentence for the person who brought the file. Missing is None, never 0.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from shopops.words import sentence as _

MISSING: Final = frozenset({"", "-", "--", "null", "NULL", "None", "nan", "#N/A"})
TOTALS: Final = ("合计", "总计", "汇总", "小计", "总和", "total", "sum")
_WRAPPED: Final = re.compile(r'="([^"]*)"')
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_JOINERS: Final = str.maketrans("", "", "\u200c\u200d")
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_MONEY: Final = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d+(?:\.0+)?", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4})(?:-(\d{2})-(\d{2})|/(\d{1,2})/(\d{1,2}))"
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?)?",
    re.ASCII,
)
EXACT_DIGITS: Final = 10**15  # a spreadsheet keeps 15 digits of a number
LARGEST_MONEY: Final = Decimal(10) ** 14  # numeric(18, 4)
LARGEST_WHOLE: Final = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1990, 2099
EPOCH_1900: Final = datetime(1899, 12, 30, tzinfo=UTC).replace(tzinfo=None)
EPOCH_1904: Final = datetime(1904, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class BadCell(ValueError):
    """A value that cannot be read; ``code`` is for programs, ``str()`` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = ""  # of which of our columns, where a rule refuses


def bare(cell: Any) -> str:
    """Return a cell's text without the wrapping exports add: ``="…"``, a leading ', blanks and tabs around."""
    if cell.__class__ is not str:
        return _as_text(cell)
    text: str = cell.strip()
    if text.startswith('="') and (match := _WRAPPED.fullmatch(text)):
        text = match[1].strip()
    if text.startswith("'"):
        text = text[1:].strip()
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub("", text).strip()


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if abs(cell) >= EXACT_DIGITS:
            raise lost_digits()
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell)


def lost_digits() -> BadCell:
    return BadCell(
        "lost_digits",
        _(
            "The number lost digits in a spreadsheet. Export the file again and do not save it with Excel, or format the column as text."
        ),
    )


def text(cell: Any, limit: int = 10_000) -> str | None:
    """Return text as it is but for wrapping and characters nobody sees, cut to ``limit``; None where missing."""
    value = bare(cell)
    if value in MISSING:
        return None
    return value[:limit].rstrip() if len(value) > limit else value


def identifier(cell: Any, limit: int = 64) -> str | None:
    """Return a number or code as text; refuses those that lost digits."""
    value = bare(cell)
    if value in MISSING:
        return None
    value = value.translate(_JOINERS).strip()
    if not value:
        raise BadCell("empty", _("Nothing visible is left of this value."))
    if value[0] in "0123456789" and _SCIENTIFIC.fullmatch(value):
        raise lost_digits()
    if value[0] == "#" and value in {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}:
        raise error_value(value)
    if len(value) > limit:
        raise BadCell("too_long", _("Longer than %(limit)s characters.") % {"limit": limit})
    if "\n" in value or "\r" in value:
        raise BadCell("line_break", _("A line break stands inside this number or code."))
    return value


def error_value(shown: str) -> BadCell:
    return BadCell("error_cell", _("The cell holds the spreadsheet's error %(error)s.") % {"error": shown or "#"})


class Numbers:
    """Money and counts of one column; remembers whether full-width digits were folded."""

    def __init__(self) -> None:
        self.folded = 0

    def _digits(self, cell: Any) -> str:
        value = bare(cell)
        if not value.isascii():
            plain = unicodedata.normalize("NFKC", value)
            self.folded += any("０" <= char <= "９" for char in value)
            value = plain
        return value

    def money(self, cell: Any) -> Decimal | None:
        """Return an amount: ``1234.5``, ``1,234.50``, ``￥12`` or ``12元``; up to four decimals."""
        if cell.__class__ is float:
            return _in_range(_of_float(cell))
        value = self._digits(cell)
        if value in MISSING:
            return None
        value = value.removeprefix("¥").removesuffix("元").strip()
        if not _MONEY.fullmatch(value):
            raise no_amount()
        return _in_range(Decimal(value.replace(",", "")))

    def amount(self, cell: Any) -> Decimal | None:
        """Return money that is never below zero."""
        value = self.money(cell)
        if value is not None and value < 0:
            raise BadCell("negative", _("An amount below zero is not expected here."))
        return value

    def whole(self, cell: Any) -> int | None:
        """Return a count, perhaps below zero."""
        if cell.__class__ is float:
            if not cell.is_integer():
                raise _no_count()
            number = int(cell)
        else:
            value = self._digits(cell)
            if value in MISSING:
                return None
            if not _WHOLE.fullmatch(value) or len(value) > 20:
                raise _no_count()
            number = int(value.split(".")[0])
        if abs(number) > LARGEST_WHOLE:
            raise BadCell("too_large", _("The number is too large."))
        return number

    def count(self, cell: Any) -> int | None:
        """Return a count that is never below zero."""
        value = self.whole(cell)
        if value is not None and value < 0:
            raise BadCell("negative", _("An amount below zero is not expected here."))
        return value


def _of_float(number: float) -> Decimal:
    if not abs(number) < EXACT_DIGITS:  # true for NaN too
        raise no_amount()
    return Decimal(repr(round(number, 6)))


def _in_range(value: Decimal) -> Decimal:
    if abs(value) >= LARGEST_MONEY:
        raise BadCell("too_large", _("The amount is too large."))
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -4 and value != round(value, 4):
        raise BadCell("decimals", _("An amount has at most four decimals."))
    return value if isinstance(exponent, int) and exponent >= -4 else round(value, 4)


def no_amount() -> BadCell:
    """Return the refusal of what is no amount."""
    return BadCell("money", _("Not an amount. Write it like 1234.50."))


def _no_count() -> BadCell:
    return BadCell("whole", _("Not a whole number. Write it like 12."))


class Moments:
    """Dates and times of one column, naive ones in the channel's zone."""

    def __init__(self, zone: ZoneInfo, *, base_1904: bool = False) -> None:
        self.zone = zone
        self.epoch = EPOCH_1904 if base_1904 else EPOCH_1900
        self.repeated = 0  # hours that the clocks showed twice

    def moment(self, cell: Any) -> datetime | None:
        """Return an instant of ``YYYY-MM-DD HH:MM[:SS]``, ``YYYY/M/D H:MM``, with an offset or not, or a serial day."""
        if cell.__class__ is str:
            return self._of_text(bare(cell))
        if cell is None:
            return None
        if isinstance(cell, bool):
            raise no_moment()
        if isinstance(cell, float):
            return self._of_serial(cell)
        if isinstance(cell, datetime):
            return self._local(cell.replace(tzinfo=None, microsecond=0))
        if isinstance(cell, date):
            return self._local(datetime.combine(cell, time()))
        raise no_moment()

    def _of_text(self, value: str) -> datetime | None:
        if value in MISSING:
            return None
        match = _MOMENT.fullmatch(value)
        if match is None:
            raise no_moment()
        year, month, day, month2, day2, hour, minute, second, offset = match.groups()
        try:
            naive = datetime(  # noqa: DTZ001 - its zone follows
                int(year), int(month or month2), int(day or day2), int(hour or 0), int(minute or 0), int(second or 0)
            )
        except ValueError as error:
            raise no_moment() from error
        if offset is None:
            return self._local(naive)
        return _in_years(datetime.fromisoformat(f"{naive.isoformat()}{_colon(offset)}"))

    def _of_serial(self, number: float) -> datetime | None:
        if not 20_000 <= number < 80_000:
            raise no_moment()
        return self._local(self.epoch + timedelta(seconds=round(number * 86_400)))

    def _local(self, naive: datetime) -> datetime:
        moment = _in_years(naive.replace(tzinfo=self.zone))
        back = moment.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None)
        if back != naive:
            raise BadCell(
                "gap",
                _("This time does not exist in %(zone)s: the clocks were put forward over it.")
                % {"zone": self.zone.key},
            )
        self.repeated += moment.utcoffset() != moment.replace(fold=1).utcoffset()
        return moment


def _in_years(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadCell(
            "year", _("The year is not between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return moment


def _colon(offset: str) -> str:
    return "+00:00" if offset == "Z" else f"{offset[:3]}:{offset[-2:]}"


def no_moment() -> BadCell:
    """Return the refusal of what is no date and time."""
    return BadCell("date", _("Not a date that means one day only. Write it like 2026-03-01 09:15:00."))


def plain(cell: Any) -> str | None:
    """Return a cell as text for the list of refused rows."""
    if cell is None or isinstance(cell, str):
        return cell
    return str(cell)


def total_word(cells: list[Any]) -> str:
    """Return the word of a row of totals, as it stands; empty where the row is none."""
    first = next((str(cell).strip() for cell in cells if cell not in ("", None)), "")
    word = first.rstrip(":：").strip()
    return first if word.casefold().startswith(TOTALS) and len(word) <= 8 else ""
