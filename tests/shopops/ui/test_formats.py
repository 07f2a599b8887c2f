"""How numbers, money and times are written (design: numbers and dates)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from shopops.ui import formats

NOON = datetime(2026, 3, 24, 4, 0, tzinfo=UTC)  # 12:00 in the store


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("98642.5"), "98,642.50"),
        (Decimal("98642.5049"), "98,642.50"),
        (Decimal("0.005"), "0.01"),
        (Decimal(0), "0.00"),
        (Decimal(-40), "\u221240.00"),
        (None, "–"),
    ],
)
def test_money_of_tables_has_two_decimals_a_true_minus_and_a_dash_for_what_is_absent(value, text):
    assert formats.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("98642.4"), "¥98,642"), (Decimal(-7162), "\u2212¥7,162"), (None, "–"), (Decimal(0), "¥0")],
)
def test_tiles_show_whole_units_behind_the_currency_sign(value, text):
    assert formats.amount(value, "CNY") == text


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("zh-hans", 4_311_000, "431.1万"),
        ("zh-hans", 120_000_000, "1.2亿"),
        ("zh-hans", 9_999, "9,999"),
        ("zh-hans", -25_000, "\u22122.5万"),
        ("en", 4_311_000, "4.31M"),
        ("en", 98_642, "98.6k"),
    ],
)
def test_short_forms_follow_the_language(language, value, text):
    with translation.override(language):
        assert formats.short(value) == text


def test_the_exact_value_loses_no_digit_and_adds_none():
    assert formats.exact(Decimal("1264.5000")) == "1,264.5"
    assert formats.exact(Decimal("0.1234")) == "0.1234"
    assert formats.exact(Decimal("100.0000")) == "100"


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(hours=4, minutes=1), "4 h 01 min left", ""),
        (timedelta(hours=4), "4 h 00 min left", "warn"),
        (timedelta(hours=2, minutes=5), "2 h 05 min left", "warn"),
        (timedelta(hours=2), "2 h 00 min left", "bad"),
        (timedelta(minutes=-19), "19 minutes over", "bad"),
    ],
)
def test_a_deadline_turns_amber_at_four_hours_and_red_at_two(left, words, tone):
    assert formats.countdown(NOON + left, now=NOON) == (words, tone)


def test_a_change_has_an_arrow_and_no_base_gives_no_percentage():
    assert formats.change(Decimal(110), Decimal(100)) == "▲ 10.0%"
    assert formats.change(Decimal(97), Decimal(100)) == "▼ 3.0%"
    assert formats.change(Decimal(5), Decimal(0)) == "new"
    assert formats.change(None, Decimal(5)) == ""
    assert formats.change(Decimal(735), Decimal(-25)) == ""


def test_a_day_names_its_weekday_and_the_year_only_when_it_is_another():
    today = date(2026, 3, 24)

    with translation.override("zh-hans"):
        assert formats.day(date(2026, 3, 24), today=today) == "3月24日 周二"
        assert formats.day(date(2025, 3, 24), today=today) == "2025年3月24日 周一"
    assert formats.day(date(2026, 3, 24), today=today) == "Tue 24 Mar"


def test_counting_stops_where_nobody_reads_on():
    assert formats.capped(10_000, 10_000) == "10,000"
    assert formats.capped(10_001, 10_000) == "10,000+"


@pytest.mark.parametrize(
    ("length", "words"), [(timedelta(days=9, hours=23), "9 d 23 h"), (timedelta(days=266, hours=19), "266 d")]
)
def test_a_span_of_ten_days_or_more_is_told_in_days_alone(length, words):
    with translation.override("en"):
        assert formats.span(length) == words
