"""Values on their way into the staging table: one text for what is equal, however much was met before."""

from decimal import Decimal

import pytest

from products.orders import staging


def test_equal_values_have_one_text_however_many_were_met_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contradictions between rows of one number are found by comparing texts."""
    monkeypatch.setattr(staging, "REMEMBERED", 2)
    amounts = ["8.50", "1.1", "1.2", "1.3", "8.5", "100", "1E+2", "0.00", "0"]
    records = [(number, Decimal(amount), None) for number, amount in enumerate(amounts)]
    (_count, text), *_more = staging._encoded(records, ["row_no", "paid", "memo"])
    rows = [line.split("\t") for line in text.splitlines()]
    assert [paid for _row, paid, _memo in rows] == ["8.5", "1.1", "1.2", "1.3", "8.5", "100", "100", "0", "0"]
    assert {memo for *_values, memo in rows} == {r"\N"}


def test_a_long_file_needs_no_more_memory_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "REMEMBERED", 10)
    texts = staging._Memo()
    for number in range(1000):
        assert texts[f"text {number}"] == f"text {number}"
        assert len(texts) <= 10
