"""What people type means one thing or is refused (bad-input catalogue 3.2, by number)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopops import clock, typed
from shopops.errors import Refused

NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def refused(read, text, **rules):
    with pytest.raises(Refused) as error:
        read(text, **rules)
    assert len(str(error.value)) > 10
    return str(error.value)


# --- 49 to 53: numbers and money


@pytest.mark.parametrize("read", [typed.money, typed.whole])
def test_49_full_width_digits_are_folded_and_said(read):
    found = read("１２")

    assert found.value == 12
    assert found.notice == "Read as 12."
    assert read("12").notice == ""


@pytest.mark.parametrize("text", ["٣", "1_000", "1e5", "+5", "0x10", "１_000", "1 000", "十二", "½", "²"])
@pytest.mark.parametrize("read", [typed.money, typed.whole])
def test_49_other_spellings_of_a_number_are_refused(read, text):
    assert "Write it like" in refused(read, text)


@pytest.mark.parametrize("text", ["1,000.00", "￥12", "¥12", "12元", "1.234,5", "1,5", ".5", "5.", "1..2", "--1"])
def test_50_an_amount_has_one_spelling(text):
    assert "Write it like 1234.50" in refused(typed.money, text)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "sNaN", "1e400", "9" * 5000, ""])
@pytest.mark.parametrize("read", [typed.money, typed.whole])
def test_51_what_is_no_number_is_refused(read, text):
    refused(read, text)


@pytest.mark.parametrize("text", ["-1", "-0", "-0.00", "-0.01"])
def test_52_below_zero_is_refused(text):
    refused(typed.money, text)
    refused(typed.whole, text)


def test_52_but_where_a_field_asks_for_it():
    assert typed.money("-12.50", least=Decimal(-100)).value == Decimal("-12.50")


@pytest.mark.parametrize("text", ["0.005", "1.999", "0.000"])
def test_53_more_decimals_than_money_has_are_refused_not_rounded(text):
    assert "at most 2 decimals" in refused(typed.money, text)


def test_53_what_is_too_large_names_the_limit():
    assert typed.money("999999999999.99").value == Decimal("999999999999.99")
    assert "1000000000000" in refused(typed.money, "1000000000000.01")


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_every_amount_is_read_as_it_is_written(value):
    assert typed.money(f"{value:f}").value == value


@given(st.text(max_size=30))
def test_a_text_is_read_as_its_own_number_or_refused(text):
    try:
        found = typed.money(text)
    except Refused:
        return
    assert Decimal(found.notice[8:-1] if found.notice else text.strip()) == found.value


# --- 54 to 58: days and times


@pytest.mark.parametrize(
    "text", ["2025-W01-1", "20250301", "2025/03/01", "2025-3-1", "01-03-2025", "2025-03-01T00:00", "3/1/2025", "today"]
)
def test_54_a_day_has_one_spelling(text):
    assert "Write it like 2026-03-01" in refused(typed.day, text)


def test_54_a_day_in_full_width_digits_is_folded_and_said():
    assert typed.day("２０２５-０３-０１") == typed.Typed(date(2025, 3, 1), "Read as 2025-03-01.")


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "1989-12-31", "2100-01-01"])
def test_55_years_out_of_reach_are_refused(text):
    assert "1990" in refused(typed.day, text)


def test_55_a_birthday_lies_in_the_past_and_in_a_life():
    today = clock.today()

    assert typed.birthday("1990-02-28").value == date(1990, 2, 28)
    assert typed.birthday(today.isoformat()).value == today
    assert "future" in refused(typed.birthday, (today + timedelta(days=1)).isoformat())
    assert "120" in refused(typed.birthday, f"{today.year - 121}-01-01")


@pytest.mark.parametrize("text", ["2025-02-29", "2025-04-31", "2025-00-10", "2025-13-01", "0000-00-00"])
@pytest.mark.parametrize("read", [typed.day, typed.birthday])
def test_56_days_the_calendar_has_not_are_refused(read, text):
    refused(read, text)


@pytest.mark.parametrize("text", ["24:00", "24:01", "12:60", "-1:00", "9", "0930", "9:5"])
def test_56_a_time_of_day_ends_before_midnight(text):
    refused(typed.time_of_day, text)


def test_56_but_an_end_may_be_the_end_of_the_day():
    assert typed.time_of_day("24:00", ends=True).value == timedelta(days=1)
    assert typed.time_of_day("8:30").value == timedelta(hours=8, minutes=30)
    refused(typed.time_of_day, "24:01", ends=True)


def test_57_a_time_the_clocks_jumped_over_is_refused():
    assert "does not exist in America/New_York" in refused(typed.moment, "2026-03-08 02:30", zone=NEW_YORK)


def test_57_a_time_the_clocks_showed_twice_is_the_first_and_that_is_said():
    found = typed.moment("2026-11-01 01:30", NEW_YORK)

    assert found.value == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # still summer time
    assert "first" in found.notice
    assert typed.moment("2026-11-01 02:30", NEW_YORK).notice == ""


def test_57_a_time_without_a_zone_is_the_zones_wall_clock():
    assert typed.moment("2026-03-01 09:15", SHANGHAI).value == datetime(2026, 3, 1, 1, 15, tzinfo=UTC)
    refused(typed.moment, "2026-03-01 24:00", zone=SHANGHAI)
    refused(typed.moment, "2026-03-01", zone=SHANGHAI)


# --- 59 to 62: phones and e-mail


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "+8613800138000",
        "008613800138000",
        "138 0013 8000",
        "138-0013-8000",
        "１３８００１３８０００",
        "+86 138-0013-8000",
    ],
)
def test_59_and_61_every_spelling_of_a_phone_is_one_number(text):
    assert typed.mobile(text).value == "+8613800138000"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1380013800", "Not a phone number"),
        ("138001380001", "Not a phone number"),
        ("138OO138000", "Not a phone number"),
        ("138****8000", "Not a phone number"),
        ("010-62345678", "landline"),
        ("95588", "Not a phone number"),
        ("+852 5123 4567", "mainland"),
        ("", "Not a phone number"),
    ],
)
def test_60_what_takes_no_message_is_refused_with_its_reason(text, reason):
    assert reason in refused(typed.mobile, text)


@pytest.mark.parametrize(
    "text",
    [
        "a@b.cn\r\nBcc: x@y.cn",
        "a@b.cn\nx",
        "a@@b.cn",
        "a@b@c.cn",
        "a@b.cn.",
        ".a@b.cn",
        "a..b@c.cn",
        '"a b"@c.cn',
        "a@localhost",
        "a@[127.0.0.1]",
        "a" * 65 + "@b.cn",
        "a@" + "b" * 250 + ".cn",
        "a@-b.cn",
        "A <a@b.cn>",
        "用户@例子.cn",
        "@b.cn",
        "a@",
    ],
)
def test_62_an_address_that_could_mean_two_things_is_refused(text):
    assert "name@example.com" in refused(typed.email, text)


def test_62_an_address_in_another_script_keeps_its_ascii_name():
    assert typed.email("Info@例子.中国").value == "info@xn--fsqu00a.xn--fiqs8s"
    assert typed.email(" Ana.Lin+shop@Example.COM ").value == "ana.lin+shop@example.com"


# --- 46: texts


def test_46_what_nobody_sees_is_taken_out_of_a_text():
    assert typed.words(" a\u202eb\x07c\x00 ").value == "abc"
    assert typed.words("👩\u200d👩\u200d👧 好").value == "👩\u200d👩\u200d👧 好"


@pytest.mark.parametrize("text", ["\u200b", "\u200b \u2060", "\u202e", "\ufeff\u00ad"])
def test_46_a_text_of_which_nothing_is_seen_is_refused(text):
    assert "Nothing visible" in refused(typed.words, text)


def test_46_a_text_has_an_end():
    assert "200" in refused(typed.words, "x" * 201)
