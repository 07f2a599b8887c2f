"""Days of the Chinese calendar: what sales follow, and what birthdays and festivals stand on.

The package ``lunar-python`` computes; ``lunardate`` is a day off in 1954 and 1978, which breaks birth dates
(handbook 3 §5.4). A lunar year begins with its Spring Festival: 2025-01-28 is the 29th of the 12th month of 2024.
"""

from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from lunar_python import LunarYear, Solar

YEARS: Final = range(1900, 2101)  # what printed calendars confirm; beyond, the package only computes


class NoLunarYear(LookupError):
    """A year outside the known calendar was asked for."""


class NoLunarDay(LookupError):
    """This lunar year has no such month, or the month no such day."""


class LunarDay(NamedTuple):
    """A day of the lunar calendar; ``is_leap`` where it lies in the month that repeats the number before it."""

    year: int
    month: int
    day: int
    is_leap: bool = False


class _Month(NamedTuple):
    begins: date
    days: int  # 29 or 30
    number: int
    is_leap: bool


def spring_festival(year: int) -> date:
    """Return the first day of the first lunar month: 2026 → 2026-02-17, 2025 → 2025-01-29.

    Raises NoLunarYear before 1900 and after 2100.
    """
    if year not in YEARS:
        raise NoLunarYear(f"Spring Festival of {year} is not known: the calendar covers {YEARS[0]} to {YEARS[-1]}.")
    return _months(year)[0].begins


def solar_to_lunar(day: date) -> LunarDay:
    """Return the lunar date of a day: 2025-07-25 → the first of the leap sixth month of 2025.

    Raises NoLunarYear before the Spring Festival of 1900 and after lunar 2100.
    """
    for year in (day.year - 1, day.year):
        for month in _months(year) if year in YEARS else ():
            if 0 <= (since := (day - month.begins).days) < month.days:
                return LunarDay(year, month.number, since + 1, month.is_leap)
    raise NoLunarYear(f"{day} is not known: the calendar covers the lunar years {YEARS[0]} to {YEARS[-1]}.")


def lunar_to_solar(lunar: LunarDay) -> date:
    """Return the day a lunar date falls on. Raises NoLunarDay where the year has none, NoLunarYear outside of ours."""
    month = _month(lunar.year, lunar.month, is_leap=lunar.is_leap)
    if month is None or not 1 <= lunar.day <= month.days:
        raise NoLunarDay(f"{lunar} does not exist.")
    return month.begins + timedelta(days=lunar.day - 1)


def days_in_month(year: int, month: int, *, is_leap: bool = False) -> int:
    """Return 29 or 30; 0 for a month the lunar year does not have. Raises NoLunarYear."""
    found = _month(year, month, is_leap=is_leap)
    return found.days if found is not None else 0


def leap_month(year: int) -> int:
    """Return which month of a lunar year comes twice, 0 where none does: 2025 → 6. Raises NoLunarYear."""
    return next((month.number for month in _months(year) if month.is_leap), 0)


def _month(year: int, number: int, *, is_leap: bool) -> _Month | None:
    months = _months(year)
    return next((month for month in months if month.number == number and month.is_leap == is_leap), None)


@cache
def _months(year: int) -> tuple[_Month, ...]:
    """Return the months of a lunar year; the package computes them from the moons, so each year is asked for once."""
    if year not in YEARS:
        raise NoLunarYear(f"Lunar year {year} is not known: the calendar covers {YEARS[0]} to {YEARS[-1]}.")
    months = LunarYear.fromYear(year).getMonthsInYear()
    return tuple(
        _Month(_day(month.getFirstJulianDay()), month.getDayCount(), abs(month.getMonth()), month.isLeap())
        for month in months
    )


def _day(julian: float) -> date:
    found = Solar.fromJulianDay(julian)
    return date(found.getYear(), found.getMonth(), found.getDay())
