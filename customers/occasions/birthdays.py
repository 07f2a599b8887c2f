"""When somebody is congratulated on their birthday: once a year, by the calendar they keep (handbook 3 §5.3)."""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

from shopops import clock, lunar

SEND_AT: Final = time(9, 30)
LATEST: Final = time(22)  # no longer part of the day's hours


class Calendar(models.TextChoices):
    SOLAR = "solar", pgettext_lazy("calendar", "Solar")
    LUNAR = "lunar", pgettext_lazy("calendar", "Lunar")


class MonthDay(NamedTuple):
    month: int
    day: int


@dataclass(frozen=True)
class Birthday:
    """What is known; the year of birth is not needed. ``is_leap``: born in a lunar month that came twice."""

    solar: MonthDay | None = None
    lunar: MonthDay | None = None
    is_leap: bool = False
    preferred: Calendar | None = None

    @property
    def calendar(self) -> Calendar | None:
        """The calendar they are greeted by: the preferred one where its day is known, else solar, else lunar."""
        if self.lunar is not None and (self.solar is None or self.preferred == Calendar.LUNAR):
            return Calendar.LUNAR
        return Calendar.SOLAR if self.solar is not None else None


class Occasion(NamedTuple):
    """A day to congratulate on; ``year`` is the calendar's own and, with the person, what there is only once."""

    day: date
    year: int
    calendar: Calendar


def birthday_occasions(birthday: Birthday, first: date, last: date, *, leap_if_exists: bool = False) -> list[Occasion]:
    """Return the birthdays from ``first`` to ``last``, both included, the earliest first.

    A lunar one belongs to its lunar year, so a solar year may hold two or none. 29 February is kept on the 28th,
    a 30th of a short lunar month on its 29th. Who was born in a leap month is greeted in the ordinary one, with
    ``leap_if_exists`` in the leap month of years that have it. Raises NoLunarYear outside of the known calendar.
    """
    years = range(first.year - 1, last.year + 1)
    found: Iterator[Occasion] = iter(())
    if birthday.calendar == Calendar.LUNAR and birthday.lunar:
        found = _lunar(birthday.lunar, years, in_leap=leap_if_exists and birthday.is_leap)
    elif birthday.solar:
        found = _solar(birthday.solar, years)
    return [occasion for occasion in found if first <= occasion.day <= last]


def _solar(birthday: MonthDay, years: range) -> Iterator[Occasion]:
    for year in years:
        is_short = birthday == (2, 29) and not isleap(year)
        yield Occasion(date(year, birthday.month, birthday.day - is_short), year, Calendar.SOLAR)


def _lunar(birthday: MonthDay, years: range, *, in_leap: bool) -> Iterator[Occasion]:
    month, day = birthday
    for year in years:
        is_leap = in_leap and lunar.leap_month(year) == month
        kept = min(day, lunar.days_in_month(year, month, is_leap=is_leap))
        yield Occasion(lunar.lunar_to_solar(lunar.LunarDay(year, month, kept, is_leap)), year, Calendar.LUNAR)


def greeting_hours(day: date) -> tuple[datetime, datetime]:
    """Return from when a greeting goes out, and the moment from which on it is too late: 09:30 and 22:00, aware."""
    zone = clock.store_zone()
    return datetime.combine(day, SEND_AT, zone), datetime.combine(day, LATEST, zone)
