"""Files made of lists: nothing a spreadsheet would run, numbers as numbers."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from shopops.ui import exports

HEAD = ["Order", "Paid", "Paid at", "Day", "Memo"]
ROW = [
    "00123",
    Decimal("1264.5000"),
    datetime(2026, 3, 24, 6, 30, tzinfo=UTC),
    date(2026, 3, 24),
    '=HYPERLINK("http://example.com")',
]


@given(st.text())
def test_no_text_of_a_csv_file_begins_like_a_formula(text):
    (_head, line) = csv.reader(io.StringIO("".join(exports.csv_lines(["Memo"], [[text]])), newline=""))

    assert not line[0].startswith(exports.DANGEROUS) if line else not text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("-2", "'-2"),
        ("\t=1", "'\t=1"),
        ("plain", "plain"),
        (Decimal("-2.50"), "-2.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.0000"), "0"),
        (None, ""),
        (7, "7"),
    ],
)
def test_texts_are_made_harmless_and_numbers_stay_numbers(value, text):
    assert exports.plain(value) == text


def test_a_csv_file_opens_as_utf_8_and_tells_store_times():
    text = "".join(exports.csv_lines(HEAD, [ROW]))

    assert text.startswith("\ufeffOrder,Paid")
    assert next(csv.reader(io.StringIO(text.splitlines()[1]))) == [
        "00123",
        "1264.5",
        "2026-03-24 14:30:00",
        "2026-03-24",
        '\'=HYPERLINK("http://example.com")',
    ]


def test_a_workbook_holds_numbers_times_and_texts_as_such():
    file = io.BytesIO()

    exports.write_xlsx(file, "Orders: [all]", HEAD, [ROW])

    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    head, row = book.get_sheet_by_index(0).to_python()
    assert head == HEAD
    assert row == [
        "00123",
        1264.5,
        datetime(2026, 3, 24, 14, 30),
        date(2026, 3, 24),
        '\'=HYPERLINK("http://example.com")',
    ]  # noqa: DTZ001 - naive on purpose


def test_a_workbook_without_rows_still_has_its_head():
    file = io.BytesIO()

    exports.write_xlsx(file, "", HEAD, [])

    assert CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0).to_python() == [HEAD]


def test_a_file_made_while_it_is_sent_speaks_the_language_of_whoever_asked():
    with translation.override("zh-hans"):
        lines = exports.csv_lines([_("Orders")], ([str(_("Orders"))] for _row in range(2)))
        pieces = exports.spoken(lines, "zh-hans")

    with translation.override("en"):
        assert "".join(pieces).removeprefix("\ufeff").split() == ["订单"] * 3
        assert translation.get_language() == "en"
