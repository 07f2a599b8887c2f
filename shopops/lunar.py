"""Days of the Chinese calendar that sales follow."""

from datetime import date
from functools import cache
from typing import Final

from lunar_python import Lunar

YEARS: Final = range(1900, 2101)  # what printed calendars confirm; beyond, the package only computes


class NoLunarYear(LookupError):
    """The Spring Festival of a year outside the known calendar was asked for."""


@cache
def spring_festival(year: int) -> date:
    """Return the first day of the first lunar month: 2026 → 2026-02-17, 2025 → 2025-01-29.

    Raises NoLunarYear before 1900 and after 2100.
    """
    if year not in YEARS:
        raise NoLunarYear(f"Spring Festival of {year} is not known: the calendar covers {YEARS[0]} to {YEARS[-1]}.")
    first = Lunar.fromYmd(year, 1, 1).getSolar()
    return date(first.getYear(), first.getMonth(), first.getDay())
