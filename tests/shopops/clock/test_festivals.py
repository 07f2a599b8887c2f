"""Days of the lunar calendar, festivals, and official days off (handbook 3 §5.4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from shopops.days_off import DayKind, day_kind, unknown_years
from shopops.festivals import Festival, fathers_day, lunar_festival, mothers_day, nth_weekday
from shopops.lunar import LunarDay, NoLunarDay, NoLunarYear, days_in_month, leap_month, lunar_to_solar, solar_to_lunar
from tests.handbook import cases

NAMES = dict(zip(("除夕", "春节", "元宵节", "端午节", "七夕节", "中秋节", "重阳节", "腊八节"), Festival, strict=True))


@pytest.mark.parametrize(*cases("solar_to_lunar"))
def test_the_lunar_date_of_a_day(given, expected):
    found = solar_to_lunar(date.fromisoformat(given["date"]))

    assert {"year": found.year, "month": found.month, "day": found.day, "leap": found.is_leap} == expected


@pytest.mark.parametrize(*cases("lunar_festival"))
def test_festivals_of_a_lunar_year(given, expected):
    found = {name: lunar_festival(NAMES[name], given["lunar_year"]).isoformat() for name in given["names"]}

    assert found == expected["dates"]


@pytest.mark.parametrize(*cases("nth_weekday"))
def test_a_weekday_of_a_month(given, expected):
    assert nth_weekday(**given).isoformat() == expected["date"]


def test_mothers_and_fathers():
    assert (mothers_day(2026), fathers_day(2026)) == (date(2026, 5, 10), date(2026, 6, 21))


@pytest.mark.parametrize(("weekday", "nth"), [(7, 6), (1, 0), (0, 1), (8, 1)])
def test_a_weekday_the_month_does_not_have_is_refused(weekday, nth):
    with pytest.raises(ValueError, match="2026-05 has no weekday"):
        nth_weekday(2026, 5, weekday, nth)


@for_all(some.dates(date(1901, 1, 1), date(2100, 12, 31)))
def test_every_day_is_the_nth_of_its_weekday(day):
    assert nth_weekday(day.year, day.month, day.isoweekday(), (day.day - 1) // 7 + 1) == day


@for_all(some.dates(date(1900, 1, 31), date(2100, 12, 31)))
def test_a_lunar_date_leads_back_to_its_day(day):
    found = solar_to_lunar(day)

    assert lunar_to_solar(found) == day
    assert 1 <= found.day <= days_in_month(found.year, found.month, is_leap=found.is_leap) <= 30


@for_all(some.dates(date(1900, 1, 31), date(2100, 12, 30)))
def test_the_next_day_is_the_next_lunar_day_or_a_first(day):
    today, tomorrow = solar_to_lunar(day), solar_to_lunar(day + timedelta(days=1))

    assert tomorrow.day == (today.day + 1 if tomorrow[:2] + tomorrow[3:] == today[:2] + today[3:] else 1)


# New moons of 25 November 1954 (20:30) and 3 September 1978 (00:08), China time: the first of a month each.
@pytest.mark.parametrize("day", [date(1954, 11, 25), date(1978, 9, 3)])
def test_the_months_that_another_calendar_begins_a_day_off(day):
    assert solar_to_lunar(day).day == 1


def test_leap_months():
    assert [leap_month(year) for year in range(2024, 2031)] == [0, 6, 0, 0, 5, 0, 0]
    assert lunar_to_solar(LunarDay(2025, 6, 1, is_leap=True)) == date(2025, 7, 25)
    assert lunar_to_solar(LunarDay(2028, 5, 1, is_leap=True)) == date(2028, 6, 23)


@pytest.mark.parametrize(
    "lunar",
    [
        LunarDay(2026, 6, 1, is_leap=True),
        LunarDay(2026, 12, 30),
        LunarDay(2026, 13, 1),
        LunarDay(2026, 0, 1),
        LunarDay(2026, 1, 0),
    ],
)
def test_a_lunar_date_that_does_not_exist_is_refused(lunar):
    with pytest.raises(NoLunarDay):
        lunar_to_solar(lunar)


def test_a_year_outside_of_the_calendar_is_an_alarm_not_a_guess():
    with pytest.raises(NoLunarYear):
        lunar_festival(Festival.LABA, 2101)
    with pytest.raises(NoLunarYear):
        solar_to_lunar(date(1900, 1, 30))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 17), DayKind.DAY_OFF),
        (date(2026, 2, 21), DayKind.DAY_OFF),  # a Saturday of the festival
        (date(2026, 2, 14), DayKind.MAKE_UP),  # a Saturday worked for it
        (date(2026, 3, 7), DayKind.WEEKEND),
        (date(2026, 3, 9), DayKind.WORKDAY),
        (date(2003, 12, 31), DayKind.UNKNOWN),
        (date(2099, 3, 9), DayKind.UNKNOWN),
        (date(2099, 3, 7), DayKind.UNKNOWN),  # not guessed from the weekday
    ],
)
def test_official_days_off_are_known_or_said_to_be_unknown(day, kind):
    assert day_kind(day) == kind


def test_the_alarm_names_the_years_that_are_missing():
    assert unknown_years(date(2003, 5, 1), date(2006, 5, 1)) == [2003]
    assert unknown_years(date(2025, 1, 1), date(2026, 12, 31)) == []
    assert unknown_years(date(2098, 12, 31), date(2099, 1, 1)) == [2098, 2099]
