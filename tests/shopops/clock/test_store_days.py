from datetime import UTC, date, datetime, timedelta

import pytest

from shopops import clock
from tests.handbook import cases


@pytest.mark.parametrize(*cases("store_day"))
def test_an_instant_belongs_to_the_day_of_the_stores_zone(given, expected):
    days = [clock.store_day(datetime.fromisoformat(text), given.get("zone")) for text in given["times"]]

    assert [day.isoformat() for day in days] == expected["days"]


def test_a_time_without_zone_has_no_store_day():
    with pytest.raises(ValueError, match="has no zone"):
        clock.store_day(datetime(2026, 3, 1, 12, 0))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", "2026-03-29", 24),
        ("Europe/London", "2026-03-29", 23),
        ("Europe/London", "2026-10-25", 25),
        ("America/Sao_Paulo", "2018-11-04", 23),  # midnight itself is skipped
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_of_the_zone(zone, day, hours):
    start, end = clock.day_range(date.fromisoformat(day), zone)

    assert end - start == timedelta(hours=hours)
    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)
    assert clock.store_day(start, zone) == date.fromisoformat(day)
    assert clock.store_day(end - timedelta(microseconds=1), zone) == date.fromisoformat(day)
    assert clock.store_day(end, zone) == date.fromisoformat(day) + timedelta(days=1)


def test_the_store_decides_the_zone(settings):
    instant = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)

    settings.STORE_TIME_ZONE = "Asia/Shanghai"
    shanghai = clock.store_day(instant), clock.day_range(date(2026, 4, 1))[0]
    settings.STORE_TIME_ZONE = "Europe/London"
    london = clock.store_day(instant), clock.day_range(date(2026, 4, 1))[0]

    assert shanghai == (date(2026, 4, 1), datetime(2026, 3, 31, 16, tzinfo=UTC))
    assert london == (date(2026, 3, 31), datetime(2026, 3, 31, 23, tzinfo=UTC))


@pytest.mark.parametrize("shift", [timedelta(days=9), timedelta(hours=-2)])
def test_the_setting_moves_the_clock_and_today_with_it(settings, shift):
    before = clock.now()
    settings.CLOCK_SHIFT_SECONDS = int(shift.total_seconds())

    moved = clock.now() - before

    assert shift <= moved < shift + timedelta(minutes=1)
    assert clock.today() in {clock.store_day(before + shift), clock.store_day(clock.now())}
    assert clock.now().tzinfo is UTC
