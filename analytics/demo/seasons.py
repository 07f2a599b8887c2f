"""How a fashion store's orders follow the calendar: season, weekday, activity, festival, hour."""

from datetime import date, timedelta
from typing import Final

from shopops.lunar import spring_festival

WEEKDAYS: Final = (0.98, 0.95, 0.96, 1.0, 1.04, 1.06, 1.09)  # Monday first
MONTHS: Final = (0.92, 0.78, 1.02, 1.05, 1.04, 1.0, 0.86, 0.88, 1.02, 1.12, 1.25, 1.1)
GROWTH: Final = 0.22  # a year
ACTIVITIES: Final = (  # name, first (month, day), days, factors day by day (the last one repeats), share off the price
    ("38 女神节", (3, 4), 5, (1.5, 1.3, 1.3, 1.6, 2.1), 0.88),
    ("618", (6, 1), 20, (2.2, *(1.15,) * 14, 1.8, 2.2, 3.6, 1.5, 1.2), 0.84),
    ("99 大促", (9, 9), 3, (1.6, 1.3, 1.3), 0.9),
    ("双11", (10, 31), 12, (2.6, 1.6, 1.2, 1.1, 1.1, 1.1, 1.2, 1.3, 1.5, 2.0, 2.9, 4.8), 0.82),
    ("双12", (12, 12), 1, (2.0,), 0.88),
)
NEW_YEAR_SALE: Final = (
    "年货节",
    24,
    12,
    1.45,
    0.9,
)  # name, days before the festival, days, factor, share off the price
HOURS: Final = (14, 8, 5, 3, 3, 5, 12, 22, 34, 44, 52, 50, 46, 46, 48, 50, 50, 48, 48, 58, 78, 90, 76, 40)
HOURS_OF_ACTIVITY: Final = (
    90,
    34,
    12,
    6,
    4,
    6,
    12,
    20,
    32,
    42,
    50,
    46,
    42,
    42,
    44,
    46,
    46,
    46,
    50,
    70,
    110,
    100,
    80,
    44,
)


def activity(day: date) -> tuple[str, float, float]:
    """Return (name, factor, share of the price) of a day; ("", 1.0, 1.0) without an activity."""
    for name, (month, first), days, factors, price in ACTIVITIES:
        nth = (day - date(day.year, month, first)).days
        if 0 <= nth < days:
            return name, factors[min(nth, len(factors) - 1)], price
    name, before, days, factor, price = NEW_YEAR_SALE
    nth = (day - spring_festival(day.year)).days + before
    if 0 <= nth < days:
        return name, factor, price
    return "", 1.0, 1.0


def weight(day: date, last: date) -> float:
    """Return how many orders a day brings relative to a plain one at the end of the story."""
    festival = (day - spring_festival(day.year)).days
    rest = 0.28 if -3 <= festival <= 4 else 0.6 if -7 <= festival <= 8 else 1.0
    after = 0.72 if activity(day - timedelta(days=2))[1] > 2.5 and activity(day)[1] == 1 else 1.0
    grown = (1 + GROWTH) ** ((day - last).days / 365)
    share: float = MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * activity(day)[1] * rest * after * grown
    return share
