from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some

from shopops.lunar import spring_festival
from shopops.metrics.comparisons import aligned_day, missing_days, mtd_plan, ratio_of_sums
from tests.handbook import cases

DAYS = some.dates(date(1902, 1, 1), date(2099, 12, 31))


def text(value):
    return None if value is None else str(value)


@pytest.mark.parametrize(*cases("aligned_day"))
def test_a_day_and_its_counterparts_last_year(given, expected):
    aligned = aligned_day(date.fromisoformat(given["day"]))

    found = {name: text(getattr(aligned, name)) for name in ("calendar", "weekday", "lunar", "default")}
    assert found == expected


@for_all(DAYS)
def test_every_day_has_a_calendar_and_a_weekday_counterpart(day):
    aligned = aligned_day(day)

    assert aligned.calendar.year == day.year - 1
    assert (aligned.calendar.month, aligned.calendar.day) == (
        day.month,
        min(day.day, 28 if day.month == 2 else 31),
    ) or (day.month == 2 and aligned.calendar.day == day.day)
    assert aligned.weekday.weekday() == day.weekday()
    assert day - aligned.weekday == timedelta(weeks=52)


@pytest.mark.parametrize(
    ("day", "calendar"),
    [
        ("2024-02-29", "2023-02-28"),
        ("2024-02-28", "2023-02-28"),
        ("2025-02-28", "2024-02-28"),
        ("2025-03-01", "2024-03-01"),
        ("2000-02-29", "1999-02-28"),
    ],
)
def test_the_29th_of_february_looks_back_at_the_28th(day, calendar):
    assert aligned_day(date.fromisoformat(day)).calendar == date.fromisoformat(calendar)


@for_all(some.integers(1902, 2099), some.integers(-60, 60))
def test_the_lunar_day_exists_from_30_days_before_to_20_after_the_festival(year, offset):
    day = spring_festival(year) + timedelta(days=offset)

    aligned = aligned_day(day)

    if -30 <= offset <= 20:
        assert aligned.lunar == spring_festival(year - 1) + timedelta(days=offset)
        assert aligned.default == "lunar"
    else:
        assert aligned.lunar is None
        assert aligned.default == "calendar"


def test_the_window_reaches_into_december_and_march():
    assert aligned_day(date(2022, 12, 23)).lunar == date(2022, 1, 2)  # 30 days before 2023-01-22
    assert aligned_day(date(2022, 12, 22)).lunar is None
    assert aligned_day(date(1985, 3, 12)).lunar == date(1984, 2, 22)  # 20 days after 1985-02-20


@pytest.mark.parametrize(*cases("mtd_plan"))
def test_month_to_date_against_plan_goes_by_the_days_weights(given, expected):
    plan = mtd_plan(
        Decimal(given["plan"]),
        [Decimal(weight) for weight in given["weights"]],
        given["days_done"],
        Decimal(given["actual"]),
    )

    found = {name: text(getattr(plan, name)) for name in plan.__dataclass_fields__}
    assert found == {"need_per_weight": None, "need_today": None} | expected


def test_before_the_first_day_there_is_no_attainment():
    plan = mtd_plan(Decimal(100), [Decimal(1), Decimal(3)], 0, Decimal(0))

    assert plan.plan_to_date == 0
    assert plan.attainment is None
    assert plan.need_today == Decimal("25.00")


def test_a_heavier_day_needs_its_weight():
    plan = mtd_plan(Decimal(400), [Decimal(1), Decimal(2), Decimal(1)], 1, Decimal(100))

    assert plan.need_per_weight == Decimal("100.0000")
    assert plan.need_today == Decimal("200.00")


def test_a_plan_without_weights_is_refused():
    with pytest.raises(ValueError, match="weights above zero"):
        mtd_plan(Decimal(100), [Decimal(0)], 1, Decimal(0))


@pytest.mark.parametrize(*cases("ratio_of_sums"))
def test_a_groups_ratio_is_of_its_sums(given, expected):
    rows = [(Decimal(row[given["num"]]), Decimal(row[given["den"]])) for row in given["rows"]]

    found = text(ratio_of_sums(rows))

    assert found == expected["ratio"]
    assert found is None or found != expected["wrong_mean_of_ratios"]


def test_missing_days_are_those_without_orders_that_are_no_closing_days():
    sold = {date(2020, 2, day) for day in range(1, 30) if day != 16}
    january = {date(2011, 1, day) for day in range(4, 32)} - {date(2011, 1, day) for day in (8, 15, 22, 29)}

    assert missing_days(date(2020, 2, 1), date(2020, 2, 29), sold) == [date(2020, 2, 16)]
    assert missing_days(date(2011, 1, 1), date(2011, 1, 31), january, {5}) == [date(2011, 1, 2), date(2011, 1, 3)]
    assert missing_days(date(2011, 1, 2), date(2011, 1, 1), set()) == []
