"""When somebody is congratulated (handbook 3 §5.3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from customers.occasions.birthdays import Birthday, Calendar, MonthDay, birthday_occasions, greeting_hours
from shopops.lunar import LunarDay, lunar_to_solar, solar_to_lunar
from tests.customers.clocks import shown
from tests.handbook import cases


def month_day(text):
    return text and MonthDay(*map(int, text.split("-")[-2:]))


def occasions(birthday, first, last, **options):
    found = birthday_occasions(birthday, date.fromisoformat(first), date.fromisoformat(last), **options)
    return [[day.isoformat(), year, calendar.value] for day, year, calendar in found]


@pytest.mark.parametrize(*cases("birthday_occasions"))
def test_one_greeting_a_year_of_the_calendar_they_keep(given, expected):
    customer = given["customer"]
    preferred = customer.get("preferred")
    birthday = Birthday(
        solar=month_day(customer.get("solar")),
        lunar=month_day(customer.get("lunar")),
        preferred=preferred and Calendar(preferred),
    )

    assert occasions(birthday, given["from"], given["to"]) == expected["occasions"]


def test_who_prefers_a_calendar_of_which_no_day_is_known_is_greeted_by_the_other():
    solar = Birthday(solar=MonthDay(5, 20), preferred=Calendar.LUNAR)
    lunar = Birthday(lunar=MonthDay(4, 26), preferred=Calendar.SOLAR)

    assert occasions(solar, "2026-01-01", "2026-12-31") == [["2026-05-20", 2026, "solar"]]
    assert occasions(lunar, "2026-01-01", "2026-12-31") == [["2026-06-11", 2026, "lunar"]]
    assert occasions(Birthday(), "2026-01-01", "2026-12-31") == []


def test_born_in_a_leap_month_the_setting_moves_the_greeting_into_it():
    born = Birthday(lunar=MonthDay(6, 10), is_leap=True)

    assert occasions(born, "2025-01-01", "2026-12-31") == [["2025-07-04", 2025, "lunar"], ["2026-07-23", 2026, "lunar"]]
    assert occasions(born, "2025-01-01", "2026-12-31", leap_if_exists=True) == [
        ["2025-08-03", 2025, "lunar"],
        ["2026-07-23", 2026, "lunar"],
    ]


def test_both_ends_of_the_period_belong_to_it():
    birthday = Birthday(solar=MonthDay(12, 31))

    assert occasions(birthday, "2026-12-31", "2026-12-31") == [["2026-12-31", 2026, "solar"]]
    assert occasions(birthday, "2027-01-01", "2027-12-30") == []


def test_a_day_no_calendar_has_is_refused():
    with pytest.raises(ValueError, match="day"):
        birthday_occasions(Birthday(solar=MonthDay(2, 30)), date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(LookupError):
        birthday_occasions(Birthday(lunar=MonthDay(13, 1)), date(2026, 1, 1), date(2026, 12, 31))


def test_greetings_go_out_from_half_past_nine_until_ten_at_night():
    begin, end = greeting_hours(date(2026, 3, 10))

    assert (shown(begin), shown(end)) == ("2026-03-10 09:30:00", "2026-03-10 22:00:00")


born = some.dates(date(1930, 1, 1), date(2020, 12, 31))
starts = some.dates(date(2000, 1, 1), date(2060, 12, 31))


def both(day, preferred):
    lunar = solar_to_lunar(day)
    return Birthday(MonthDay(day.month, day.day), MonthDay(lunar.month, lunar.day), lunar.is_leap, preferred)


@for_all(born, some.sampled_from(Calendar), starts, some.booleans())
def test_any_stretch_of_years_has_each_year_once(day, preferred, start, leap):
    end = start + timedelta(days=3 * 366)

    found = birthday_occasions(both(day, preferred), start, end, leap_if_exists=leap)

    years = [occasion.year for occasion in found]
    assert years == sorted(set(years))
    assert years == list(range(years[0], years[0] + len(years)))
    assert 2 <= len(found) <= 5
    assert all(start <= occasion.day <= end for occasion in found)


@for_all(born, starts)
def test_a_lunar_birthday_falls_on_its_own_lunar_day_or_the_last_of_a_short_month(day, start):
    birthday = both(day, Calendar.LUNAR)

    for occasion in birthday_occasions(birthday, start, start + timedelta(days=800)):
        found = solar_to_lunar(occasion.day)
        assert (found.year, found.month) == (occasion.year, birthday.lunar.month)
        assert found.day == birthday.lunar.day or (found.day, birthday.lunar.day) == (29, 30)


@for_all(born, some.sampled_from(Calendar), starts, some.integers(1, 900))
def test_asking_day_by_day_gives_the_same_as_asking_at_once(day, preferred, start, days):
    birthday, cut, end = both(day, preferred), start + timedelta(days=days // 2), start + timedelta(days=days)

    parts = birthday_occasions(birthday, start, cut) + birthday_occasions(birthday, cut + timedelta(days=1), end)

    assert parts == birthday_occasions(birthday, start, end)


def test_the_second_of_two_equal_months_is_known():
    assert lunar_to_solar(LunarDay(2025, 6, 10, is_leap=True)) == date(2025, 8, 3)
