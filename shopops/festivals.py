"""The days of festivals: by the lunar calendar, or by weekday (handbook 3 §5.4)."""

from datetime import date, timedelta
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from shopops.lunar import LunarDay, lunar_to_solar, spring_festival


class Festival(models.TextChoices):
    """Festivals of the lunar year, in its order; the eve is the day before the year's first."""

    NEW_YEARS_EVE = "new_years_eve", pgettext_lazy("festival", "New Year's Eve")
    SPRING = "spring", pgettext_lazy("festival", "Spring Festival")
    LANTERN = "lantern", pgettext_lazy("festival", "Lantern Festival")
    DRAGON_BOAT = "dragon_boat", pgettext_lazy("festival", "Dragon Boat Festival")
    QIXI = "qixi", pgettext_lazy("festival", "Qixi Festival")
    MID_AUTUMN = "mid_autumn", pgettext_lazy("festival", "Mid-Autumn Festival")
    DOUBLE_NINTH = "double_ninth", pgettext_lazy("festival", "Double Ninth Festival")
    LABA = "laba", pgettext_lazy("festival", "Laba Festival")


_MONTH_AND_DAY: Final[dict[Festival, tuple[int, int]]] = {
    Festival.LANTERN: (1, 15),
    Festival.DRAGON_BOAT: (5, 5),
    Festival.QIXI: (7, 7),
    Festival.MID_AUTUMN: (8, 15),
    Festival.DOUBLE_NINTH: (9, 9),
    Festival.LABA: (12, 8),
}


def lunar_festival(festival: Festival, year: int) -> date:
    """Return the day of a festival of a lunar year; Laba of 2025 falls on 2026-01-26.

    The eve is counted from the Spring Festival, for the twelfth month often has no 30th. Raises NoLunarYear.
    """
    if festival == Festival.NEW_YEARS_EVE:
        return spring_festival(year) - timedelta(days=1)
    if festival == Festival.SPRING:
        return spring_festival(year)
    return lunar_to_solar(LunarDay(year, *_MONTH_AND_DAY[festival]))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the ``nth`` (1 …) weekday (1 Monday … 7 Sunday) of a month. Raises ValueError where there is none."""
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (nth - 1))
    if not 1 <= weekday <= 7 or (day.year, day.month) != (year, month):
        raise ValueError(f"{year}-{month:02} has no weekday {weekday} number {nth}.")
    return day


def mothers_day(year: int) -> date:
    """Return 母亲节: the second Sunday of May."""
    return nth_weekday(year, 5, 7, 2)


def fathers_day(year: int) -> date:
    """Return 父亲节: the third Sunday of June."""
    return nth_weekday(year, 6, 7, 3)
