from datetime import date

import pytest

from shopops.lunar import NoLunarYear, spring_festival


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1900, date(1900, 1, 31)),
        (1978, date(1978, 2, 7)),
        (2020, date(2020, 1, 25)),
        (2024, date(2024, 2, 10)),
        (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)),
        (2033, date(2033, 1, 31)),
        (2034, date(2034, 2, 19)),
    ],
)
def test_the_festival_of_a_year(year, day):
    assert spring_festival(year) == day


def test_every_known_year_has_it_between_21_january_and_21_february():
    days = [spring_festival(year) for year in range(1900, 2101)]

    assert all((1, 21) <= (day.month, day.day) <= (2, 21) for day in days)


@pytest.mark.parametrize("year", [1899, 2101])
def test_a_year_outside_the_calendar_is_named(year):
    with pytest.raises(NoLunarYear, match=f"{year} is not known: the calendar covers 1900 to 2100"):
        spring_festival(year)
