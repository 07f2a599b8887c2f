"""One cell to one value: what is folded, stripped, missing, and what is refused (and by which word)."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.orders.formats.cells import BadCell, Moments, Numbers, identifier, text

SHANGHAI = ZoneInfo("Asia/Shanghai")


def code_of(convert, cell):
    with pytest.raises(BadCell) as caught:
        convert(cell)
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('="300000000000000101"', "300000000000000101"),
        ("'300000000000000101", "300000000000000101"),
        ("300000000000000101\t", "300000000000000101"),
        (" \u200b300000\u202e ", "300000"),
        (310000000001.0, "310000000001"),
        ("3E17A", "3E17A"),
        ("－", "－"),
        ("-", None),
        ("", None),
        (None, None),
        ('=""', None),
    ],
)
def test_an_identifier_is_text_without_its_wrapping(cell, value):
    assert identifier(cell) == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("3E+17", "lost_digits"),
        ("3.00000000000001E+17", "lost_digits"),
        ("1.23457e17", "lost_digits"),
        (3.000000000000001e17, "lost_digits"),
        (9007199254740992.0, "lost_digits"),
        ("\u200d", "empty"),
        ("#REF!", "error_cell"),
        ("x" * 65, "too_long"),
    ],
)
def test_an_identifier_that_is_no_longer_itself_is_refused(cell, code):
    assert code_of(identifier, cell) == code


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("=1+1", "=1+1"),
        ("@cmd", "@cmd"),
        ("+86", "+86"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("👩‍👧 你好", "👩‍👧 你好"),
        ("a\u202eb\u0007c", "abc"),
        ("line one\nline two", "line one\nline two"),
        ("null", None),
        ("  \u200b ", None),
    ],
)
def test_text_stays_as_it_is_but_for_what_nobody_sees(cell, value):
    assert text(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("317.00", "317.00"),
        ("1,290", "1290"),
        ("1,234,567.89", "1234567.89"),
        ("￥12", "12"),
        ("¥12.5", "12.5"),
        ("317.00元", "317.00"),
        ("12.3456", "12.3456"),
        ("12.34560000", "12.3456"),
        ("0.001", "0.001"),
        (199.0, "199.0"),
        (0.1 + 0.2, "0.3"),
        ("１２．５", "12.5"),
        ("-", None),
        ("nan", None),
        ("#N/A", None),
    ],
)
def test_money_is_exact(cell, value):
    assert Numbers().money(cell) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1_000", "money"),
        ("1e5", "money"),
        ("+5", "money"),
        ("0x10", "money"),
        ("٣", "money"),
        ("NaN", "money"),
        ("Infinity", "money"),
        ("sNaN", "money"),
        ("1e400", "money"),
        ("1.234,5", "money"),
        ("12,5", "money"),
        ("1,2345", "money"),
        ("12 34", "money"),
        ("#REF!", "money"),
        (float("nan"), "money"),
        (float("inf"), "money"),
        ("9" * 5000, "too_large"),
        ("99999999999999999", "too_large"),
        ("0.00005", "decimals"),
    ],
)
def test_what_is_no_amount_is_refused(cell, code):
    assert code_of(Numbers().money, cell) == code


def test_an_amount_below_zero_is_refused_where_only_refunds_may_be():
    assert Numbers().money("-5.00") == Decimal("-5.00")
    assert code_of(Numbers().amount, "-5.00") == "negative"
    assert code_of(Numbers().count, "-1") == "negative"


def test_full_width_digits_are_folded_and_counted():
    numbers = Numbers()

    assert (numbers.whole("１２"), numbers.folded) == (12, 1)


@pytest.mark.parametrize(
    ("cell", "value"), [("6", 6), ("-1", -1), ("80995", 80995), (6.0, 6), ("2.00", 2), ("--", None)]
)
def test_a_count_is_whole(cell, value):
    assert Numbers().whole(cell) == value


@pytest.mark.parametrize("cell", ["1.5", "1e3", "1_0", "+1", "٣", "two", 1.5])
def test_what_is_no_count_is_refused(cell):
    assert code_of(Numbers().whole, cell) == "whole"


def test_a_count_beyond_four_bytes_is_refused():
    assert code_of(Numbers().whole, "2147483648") == "too_large"


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-03-01 09:15:02", "2026-03-01 01:15:02"),
        ("2026/3/1 9:15", "2026-03-01 01:15:00"),
        ("2026-03-01", "2026-02-28 16:00:00"),
        ("2026-03-01T09:15:02", "2026-03-01 01:15:02"),
        ("2026-03-01 09:15:02 +0800", "2026-03-01 01:15:02"),
        ("2026-03-01 09:15:02 -0500", "2026-03-01 14:15:02"),
        ("2026-03-01T09:15:02Z", "2026-03-01 09:15:02"),
        (46082.385416666664, "2026-03-01 01:15:00"),
        (datetime(2026, 3, 1, 9, 15, 2), "2026-03-01 01:15:02"),
    ],
)
def test_a_moment_is_the_channels_or_carries_its_offset(cell, utc):
    assert Moments(SHANGHAI).moment(cell).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") == utc


def test_serial_days_follow_the_workbooks_base():
    assert Moments(SHANGHAI).moment(44620.0).date().isoformat() == "2022-02-28"
    assert Moments(SHANGHAI, base_1904=True).moment(44620.0).date().isoformat() == "2026-03-01"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2/3/2025", "date"),
        ("20250301", "date"),
        ("2025-W01-1", "date"),
        ("２０２５-03-01", "date"),
        ("2025-02-29", "date"),
        ("2025-04-31", "date"),
        ("0000-00-00", "date"),
        ("2025-03-01 24:00", "date"),
        ("2025-3-1", "date"),
        ("46082.38", "date"),
        ("yesterday", "date"),
        (True, "date"),
        (12.0, "date"),
        ("0001-01-01", "year"),
        ("9999-12-31", "year"),
    ],
)
def test_what_is_no_single_day_is_refused(cell, code):
    assert code_of(Moments(SHANGHAI).moment, cell) == code


def test_summer_time_skips_and_repeats_hours():
    moments = Moments(ZoneInfo("Europe/London"))

    assert code_of(moments.moment, "2011-03-27 01:30:00") == "gap"
    assert moments.moment("2011-10-30 01:30:00").astimezone(UTC).hour == 0  # the first of the two
    assert moments.repeated == 1


@given(st.decimals(min_value="-99999999", max_value="99999999", places=4))
def test_any_amount_comes_back(value):
    assert Numbers().money(f"{value:,}") == value
    assert Numbers().money(str(format(value, "f"))) == value


@given(st.datetimes(min_value=datetime(1993, 1, 1), max_value=datetime(2099, 12, 31)))
def test_any_moment_comes_back(value):
    exact = value.replace(microsecond=0)

    assert Moments(SHANGHAI).moment(exact.isoformat(" ")).replace(tzinfo=None) == exact
    assert Moments(SHANGHAI).moment(exact.strftime("%Y/%-m/%-d %-H:%M:%S")).replace(tzinfo=None) == exact


@given(st.text())
def test_no_text_is_a_fault_of_the_program(cell):
    for convert in (identifier, text, Numbers().money, Numbers().whole, Moments(SHANGHAI).moment):
        try:
            value = convert(cell)
        except BadCell as refused:
            value = str(refused)
        assert value != ""
