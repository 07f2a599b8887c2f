"""Rows finished together, by column, come out as those finished one by one."""

from pathlib import Path
from typing import Any

import pytest

from products.orders.formats import reader
from products.orders.formats.mapping import FORMATS, MappedFormat
from tests.products.orders.formats.records import Read, read

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = (
    "536365,85123a,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,71053,WHITE LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom",
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom",
    "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom",
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",
    "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
    "536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France",
    "536371,22086,PAPER CHAIN,80,2010-12-01 09:00:00,-2.55,13748.0,United Kingdom",
    "536372,22632,HAND WARMER,0,2010-12-01 09:01:00,1.85,17850.0,United Kingdom",
    "536373,22633,HAND WARMER,7,2010-12-01 09:02:00,1.05,17850.0,United Kingdom",
)


def _both(path: Path, patch: pytest.MonkeyPatch) -> tuple[Read, Read, list[int]]:
    """Read a file as it is read and row by row; tell too how many rows each block left to be finished alone."""
    left: list[int] = []
    together = MappedFormat.finish_columns

    def counting(self: MappedFormat, columns: Any) -> list[int] | None:
        found = together(self, columns)
        left.append(-1 if found is None else len(found))
        return found

    patch.setattr(MappedFormat, "finish_columns", counting)
    retail = next(item for item in FORMATS if item.code == "online_retail")
    first = read(path, fmt=retail)
    patch.setattr(MappedFormat, "finish_columns", lambda *_: None)
    return first, read(path, fmt=retail), left


def test_every_kind_of_row_comes_out_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "invoices.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    columns, rows, left = _both(path, monkeypatch)
    assert columns.records == rows.records
    assert columns.rejects == rows.rejects
    assert [fault.code for fault in columns.rejects] == ["negative"]
    assert [record["row_no"] for record in columns.records] == [2, 3, 4, 5, 6, 7, 8, 10, 11]
    assert left == [6]  # credit note, adjustments, free, charge, negative price; goods were finished together


def test_a_row_that_cannot_be_read_changes_nothing_for_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "invoices.csv"
    path.write_text("\n".join([HEAD, *ROWS, ROWS[0].replace("2.55", "two")]) + "\n", encoding="utf-8")
    columns, rows, _left = _both(path, monkeypatch)
    assert columns.records == rows.records
    assert columns.rejects == rows.rejects
    assert len(columns.records) == len(ROWS) - 1


def test_cells_forgotten_for_want_of_room_are_read_again_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "invoices.csv"
    path.write_text("\n".join([HEAD, *ROWS, *ROWS]) + "\n", encoding="utf-8")
    retail = next(item for item in FORMATS if item.code == "online_retail")
    whole = read(path, fmt=retail)
    monkeypatch.setattr(reader, "REMEMBERED", 2)
    scarce = read(path, fmt=retail)
    assert scarce.records == whole.records
    assert scarce.rejects == whole.rejects
    assert max(len(known) for _name, _place, known in scarce.reader._plan) == 2
