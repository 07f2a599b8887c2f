"""A list's filters, declared once: what the URL may say, what the rows must be, how the chip reads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.errors import Refused
from shopops.exchange.register import NOT_SAID
from shopops.typed import iso_day
from shopops.ui import formats
from shopops.words import listed

Choices = Iterable[tuple[str, object]]
ROW_DIGITS: Final = 9  # of a row's number; what has more may be a phone


class BadFilter(Refused):
    """A filter's value that cannot be meant; the sentence names the filter."""


@dataclass(frozen=True)
class Filter:
    """One thing a list can be narrowed by; ``param`` is its name in the URL."""

    param: str
    label: object
    lookup: str = ""  # an ORM lookup, or ``apply`` does it
    apply: Callable[[QuerySet[Any], Any], QuerySet[Any]] | None = None
    quiet: bool = False  # not offered, only followed from links (its chip is shown)
    kind: str = "text"

    @property
    def params(self) -> tuple[str, ...]:
        return (self.param,)

    def parse(self, given: Mapping[str, str]) -> Any:
        """Return the value the URL asks for, None for none. Raises BadFilter."""
        text = given.get(self.param, "").strip()
        if len(text) > 200 or "\x00" in text:
            raise self.bad(text)
        return text or None

    def bad(self, text: str) -> BadFilter:
        return BadFilter(
            _("%(filter)s: “%(value)s” is no possible value.") % {"filter": self.label, "value": text[:64]}
        )

    def narrow(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Return the rows that fit ``value``."""
        if self.apply is not None:
            return self.apply(queryset, value)
        return queryset.filter(**{self.lookup or self.param: value})

    def words(self, value: Any) -> str:
        """Return the chip's second half."""
        return str(value)

    def noted(self, value: Any) -> str:
        """Return what the register of files says of it: nothing that was typed, it may be a person's."""
        return NOT_SAID

    def control(self, value: Any) -> dict[str, Any]:
        """Return what the filter sheet draws."""
        return {"kind": self.kind, "param": self.param, "label": self.label, "value": value or ""}


@dataclass(frozen=True)
class Number(Filter):
    """An identifier or count: digits only."""

    kind: str = "number"

    def parse(self, given: Mapping[str, str]) -> Any:
        text = super().parse(given)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit()) or int(text) >= 2**63:
            raise self.bad(text)
        return int(text)

    def noted(self, value: Any) -> str:
        return str(value) if value < 10**ROW_DIGITS else NOT_SAID


@dataclass(frozen=True)
class Choice(Filter):
    """One of a closed list, or several where ``many``."""

    choices: Choices | Callable[[], Choices] = ()
    many: bool = False
    kind: str = "choice"

    def options(self) -> list[tuple[str, object]]:
        return [(str(value), label) for value, label in (self.choices() if callable(self.choices) else self.choices)]

    def parse(self, given: Mapping[str, str]) -> Any:
        text = super().parse(given)
        if text is None:
            return None
        values = text.split(",") if self.many else [text]
        known = dict(self.options())
        for value in values:
            if value not in known:
                raise self.bad(value)
        return values if self.many else values[0]

    def narrow(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if self.apply is None and self.many:
            return queryset.filter(**{f"{self.lookup or self.param}__in": value})
        return super().narrow(queryset, value)

    def words(self, value: Any) -> str:
        known = dict(self.options())
        values = value if self.many else [value]
        return listed(str(known[item]) for item in values)

    def noted(self, value: Any) -> str:
        return self.words(value)

    def control(self, value: Any) -> dict[str, Any]:
        chosen = value if self.many else [value] if value else []
        options = [{"value": code, "label": label, "chosen": code in (chosen or [])} for code, label in self.options()]
        return super().control(value) | {"options": options, "many": self.many}


@dataclass(frozen=True)
class Flag(Filter):
    """On or not asked."""

    kind: str = "flag"

    def parse(self, given: Mapping[str, str]) -> Any:
        text = super().parse(given)
        if text not in (None, "1"):
            raise self.bad(text)
        return text

    def words(self, value: Any) -> str:
        return ""

    def noted(self, value: Any) -> str:
        return _("yes")


@dataclass(frozen=True)
class Days(Filter):
    """Store days from … to … inclusive over an instant column (``lookup``); ``of_day`` for a date column."""

    kind: str = "days"
    of_day: bool = False

    @property
    def params(self) -> tuple[str, ...]:
        return (f"{self.param}_from", f"{self.param}_to")

    def parse(self, given: Mapping[str, str]) -> Any:
        first, last = (self._day(given.get(name, "").strip()) for name in self.params)
        if first and last and first > last:
            raise BadFilter(_("%(filter)s: the end lies before the beginning.") % {"filter": self.label})
        return (first, last) if first or last else None

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            day = iso_day(text)
        except ValueError:
            day = None
        if day is None or not 1990 <= day.year <= 2100:
            raise self.bad(text)
        return day

    def narrow(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if self.apply is not None:
            return self.apply(queryset, value)
        first, last = value
        name = self.lookup or self.param
        if first:
            queryset = queryset.filter(**{f"{name}__gte": first if self.of_day else clock.day_range(first)[0]})
        if last:
            bound = {f"{name}__lte": last} if self.of_day else {f"{name}__lt": clock.day_range(last)[1]}
            queryset = queryset.filter(**bound)
        return queryset

    def words(self, value: Any) -> str:
        first, last = value
        for code, label in RANGES:
            if (first, last) == range_of(code):
                return str(label)
        if first == last:
            return formats.day(first)
        return f"{formats.day(first) if first else '…'} – {formats.day(last) if last else '…'}"

    def noted(self, value: Any) -> str:
        """Return the days as such: "yesterday" is another day when it is read."""
        first, last = (f"{day:%Y-%m-%d}" if day else "…" for day in value)
        return first if first == last else f"{first} – {last}"

    def control(self, value: Any) -> dict[str, Any]:
        first, last = value or (None, None)
        picks = []
        for code, label in RANGES:
            start, end = range_of(code)
            picks.append(
                {
                    "label": label,
                    "from": start.isoformat(),
                    "to": end.isoformat(),
                    "chosen": (first, last) == (start, end),
                }
            )
        return super().control(None) | {
            "from_param": self.params[0],
            "to_param": self.params[1],
            "from": first.isoformat() if first else "",
            "to": last.isoformat() if last else "",
            "picks": picks,
        }


RANGES = (
    ("today", gettext_lazy("Today")),
    ("yesterday", gettext_lazy("Yesterday")),
    ("last7", gettext_lazy("Last 7 days")),
    ("last30", gettext_lazy("Last 30 days")),
    ("month", gettext_lazy("This month")),
    ("last_month", gettext_lazy("Last month")),
    ("quarter", gettext_lazy("This quarter")),
)


def range_of(code: str, today: date | None = None) -> tuple[date, date]:
    """Return the store days a quick pick means, both inclusive."""
    today = today or clock.today()
    month = today.replace(day=1)
    match code:
        case "today":
            return today, today
        case "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "last7":
            return today - timedelta(days=6), today
        case "last30":
            return today - timedelta(days=29), today
        case "month":
            return month, today
        case "last_month":
            end = month - timedelta(days=1)
            return end.replace(day=1), end
        case "quarter":
            return month.replace(month=(today.month - 1) // 3 * 3 + 1), today
    raise ValueError(code)


def _every(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


@dataclass(frozen=True)
class Tab:
    """A state's tab: a filter of its own with a capped count."""

    code: str  # "" is the first, "all"
    label: object
    apply: Callable[[QuerySet[Any]], QuerySet[Any]] = _every
    counted: bool = True
    tone: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it shows fewer rows than there are."""
        return self.apply is not _every
