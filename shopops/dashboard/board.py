"""What all panels of one page share: who looks, when, at which days, against which others."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shopops import clock
from shopops.metrics.comparisons import YEAR_OF_WEEKS, aligned_day
from shopops.typed import iso_day

if TYPE_CHECKING:
    from shopops.accounts.models import User

T = TypeVar("T")
RANGES: Final = {
    "last7": _("Last 7 days"),
    "last30": _("Last 30 days"),
    "month": _("This month"),
    "last_month": _("Last month"),
    "quarter": _("This quarter"),
    "custom": pgettext_lazy("range", "Custom"),
}
COMPARISONS: Final = {
    "year": _("Last year by weekday"),
    "festival": _("Last year round Spring Festival"),
    "before": _("The days before"),
    "none": _("No comparison"),
}
DEFAULT_RANGE: Final = "last30"
LONGEST: Final = 731  # days of a custom range


@dataclass
class Board:
    """One look at a page of panels. Days are store days, both ends inclusive and done (never today)."""

    request: HttpRequest
    now: datetime
    today: date
    range: str
    first: date
    last: date
    compare: str
    channel: str = ""
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def user(self) -> "User":
        return self.request.user  # type: ignore[return-value]  # no page of ours is open to nobody

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def once(self, name: str, fetch: "Callable[[], T]") -> "T":
        """Return what ``fetch`` gives, fetched once for all panels of the page."""
        if name not in self.kept:
            self.kept[name] = fetch()
        return self.kept[name]  # type: ignore[return-value]  # kept by its name, as fetch gave it

    def compared(self, day: date) -> date | None:
        """Return the day that ``day`` is compared with; None when nothing is."""
        return _compared(day, self.compare, len(self.days))

    def link(self, **changes: str) -> str:
        """Return the page's own address with other choices, all of them in the URL."""
        chosen = {"range": self.range, "compare": self.compare, "channel": self.channel} | changes
        if chosen["range"] == "custom":
            chosen |= {"from": self.first.isoformat(), "to": self.last.isoformat()} | changes
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in chosen.items() if value})
        return f"{self.request.path}?{query.urlencode()}"


def offered(today: date) -> list[tuple[date, date]]:
    """Return the ranges of days a page of panels offers by name on ``today``, and those they are compared with."""
    found = set()
    for span in (span for name in RANGES if (span := _span(name, today))):
        length = (span[1] - span[0]).days + 1
        for compare in COMPARISONS:
            first, last = (_compared(day, compare, length) for day in span)
            found |= {span, (first, last)} if first and last else {span}
    return sorted(found)


def _compared(day: date, compare: str, length: int) -> date | None:
    if compare == "year":
        return day - YEAR_OF_WEEKS
    if compare == "festival":
        aligned = aligned_day(day)
        return aligned.lunar or aligned.weekday
    if compare == "before":
        return day - timedelta(days=length)
    return None


def board_of(request: HttpRequest) -> Board:
    """Read a board from the address; what it does not understand falls back to the usual choice."""
    now = clock.now()
    today = clock.store_day(now)
    chosen = request.GET.get("range", "")
    span = _custom(request, today) if chosen == "custom" else _span(chosen, today)
    if span is None:
        chosen, span = DEFAULT_RANGE, _span(DEFAULT_RANGE, today)
    compare = request.GET.get("compare", "year")
    return Board(
        request=request,
        now=now,
        today=today,
        range=chosen,
        first=span[0],  # type: ignore[index]  # every chosen range has days
        last=span[1],  # type: ignore[index]  # as above
        compare=compare if compare in COMPARISONS else "year",
        channel=request.GET.get("channel", "")[:32],
    )


def _span(chosen: str, today: date) -> tuple[date, date] | None:
    yesterday = today - timedelta(days=1)
    month = yesterday.replace(day=1)
    before = month - timedelta(days=1)
    spans = {
        "last7": (today - timedelta(days=7), yesterday),
        "last30": (today - timedelta(days=30), yesterday),
        "month": (month, yesterday),
        "last_month": (before.replace(day=1), before),
        "quarter": (yesterday.replace(month=3 * ((yesterday.month - 1) // 3) + 1, day=1), yesterday),
    }
    return spans.get(chosen)


def _custom(request: HttpRequest, today: date) -> tuple[date, date] | None:
    try:
        first = iso_day(request.GET.get("from", ""))
        last = iso_day(request.GET.get("to", ""))
    except ValueError:
        return None
    first, last = min(first, last), max(first, last)
    return (max(first, last - timedelta(days=LONGEST - 1)), last) if last <= today else None
