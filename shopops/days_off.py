"""Official days off and the weekend days worked for them, as the State Council announces them each autumn.

The package ``chinesecalendar`` holds the years that were announced. A year it does not hold is answered UNKNOWN,
never guessed from the weekday: whoever asks shows it as an alarm until a newer package knows the year.
"""

from datetime import date
from typing import Final

import chinese_calendar
from django.db import models
from django.utils.translation import pgettext_lazy

_SATURDAY: Final = 6


class DayKind(models.TextChoices):
    """What a day is to people who work by the official calendar."""

    WORKDAY = "workday", pgettext_lazy("day", "Working day")
    WEEKEND = "weekend", pgettext_lazy("day", "Weekend")
    DAY_OFF = "day_off", pgettext_lazy("day", "Official day off")
    MAKE_UP = "make_up", pgettext_lazy("day", "Weekend day worked in exchange")
    UNKNOWN = "unknown", pgettext_lazy("day", "Not announced yet")


def day_kind(day: date) -> DayKind:
    """Return what kind of day it is; UNKNOWN is an alarm, not an answer."""
    try:
        is_off, _name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # the package's way to say that it does not know the year
        return DayKind.UNKNOWN
    if day.isoweekday() >= _SATURDAY and not is_off:
        return DayKind.MAKE_UP
    if not is_off:
        return DayKind.WORKDAY
    return DayKind.DAY_OFF if day in chinese_calendar.holidays else DayKind.WEEKEND


def unknown_years(first: date, last: date) -> list[int]:
    """Return the years from ``first`` to ``last`` whose days off are not known: what the alarm names."""
    return [year for year in range(first.year, last.year + 1) if day_kind(date(year, 1, 1)) == DayKind.UNKNOWN]
