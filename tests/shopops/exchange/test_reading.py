"""What a table file is, is found from its content; what is no table or a trap is refused with its row."""

import csv
import gzip
import io
import resource
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopops.exchange.reading import FileRefused, Limits, open_source
from tests.products.orders.formats.records import SAMPLES
from tests.shopops.exchange.files import BOOK, MAIN, raw_workbook, workbook, write

ROWS = "订单编号,买家\n1,青禾\n2,王\n"


def rows_of(path, **options):
    with open_source(path, **options) as source:
        return source, list(source.rows)


def refusal(path, **options):
    with pytest.raises(FileRefused) as caught:
        rows_of(path, **options)
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_found_and_shown(tmp_path, encoding, shown):
    source, rows = rows_of(write(tmp_path, ROWS, encoding=encoding))

    assert (source.encoding, source.header) == (shown, ["订单编号", "买家"])
    assert rows == [(2, ["1", "青禾"]), (3, ["2", "王"])]


def test_a_bad_byte_in_utf8_is_named_and_never_read_as_another_encoding(tmp_path):
    found = refusal(write(tmp_path, "订单编号,买家\n1,青禾\n".encode() + b"2,\xb6\xa9\n"))

    assert (found.code, found.row) == ("encoding", 3)
    assert str(found) == "Row 3 is not valid UTF-8 text (byte 32 of the file). Save it again as UTF-8."


def test_a_nul_byte_is_named(tmp_path):
    found = refusal(write(tmp_path, b"a,b\n1,\x00\n"))

    assert (found.code, found.row) == ("nul", 2)
    assert "byte 7 of the file" in str(found)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    text = delimiter.join(["number", "paid", "note"]) + "\n" + delimiter.join(["1", "12.50", '"a,b;c\td"']) + "\n"

    source, rows = rows_of(write(tmp_path, text))

    assert source.delimiter == delimiter
    assert rows == [(2, ["1", "12.50", "a,b;c\td"])]


def test_line_ends_may_be_mixed_and_stand_inside_a_cell(tmp_path):
    _source, rows = rows_of(write(tmp_path, b'a,b\r\n1,"x\ny"\n2,z\r3,w\r\n\r\n,\r\n4,v'))

    assert rows == [(2, ["1", "x\ny"]), (4, ["2", "z"]), (5, ["3", "w"]), (8, ["4", "v"])]


def test_an_open_quote_is_named_where_it_opened(tmp_path):
    found = refusal(write(tmp_path, 'a,b\n1,x\n2,"y\n3,z\n4,w\n'))

    assert (found.code, found.row) == ("open_quote", 3)


def test_an_open_quote_before_much_text_is_named_too(tmp_path):
    found = refusal(write(tmp_path, 'a,b\n1,x\n2,"y\n' + "3,zzzzzzzz\n" * 200_000))

    assert (found.code, found.row) == ("open_quote", 3)


def test_an_endless_line_is_refused_before_it_is_read(tmp_path):
    found = refusal(write(tmp_path, b"a,b\n1,x\n2," + b"y" * 50_000_000))

    assert (found.code, found.row) == ("long_line", 3)


@pytest.mark.parametrize(("content", "code"), [(b"", "empty"), (b"\n\n", "no_rows"), (b" , ,\n,\n", "header_only")])
def test_a_file_without_rows_says_so(tmp_path, content, code):
    if code == "header_only":
        _source, rows = rows_of(write(tmp_path, content))
        assert rows == []
    else:
        assert refusal(write(tmp_path, content)).code == code


def test_limits_are_named(tmp_path):
    path = write(tmp_path, "a,b\n" + "1,2\n" * 50)

    assert str(refusal(path, limits=Limits(rows=20))) == "The file has more than 20 rows. Split it."
    assert refusal(path, limits=Limits(rows=20)).row == 22
    assert refusal(path, limits=Limits(size=100)).code == "too_large"


def test_the_header_may_stand_below_notes(tmp_path):
    source, rows = rows_of(write(tmp_path, "#the account\n#a period,2026-03-01\nnumber,paid,when\n1,2,3\n"))

    assert (source.header_row, source.header) == (3, ["number", "paid", "when"])
    assert rows == [(4, ["1", "2", "3"])]


# ------------------------------------------------------------------ what else it may be


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><table>", "html"),
        (b'<?xml version="1.0"?><Workbook/>', "xml"),
        (b"%PDF-1.7", "not_a_table"),
        (b"\x89PNG\r\n", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken_workbook"),
        (b"PK\x03\x04 but nothing more", "broken_archive"),
        (b"\x1f\x8b\x08 cut", "broken_archive"),
    ],
)
def test_a_file_is_told_by_its_bytes_not_by_its_name(tmp_path, content, code):
    assert refusal(write(tmp_path, content, "orders.xlsx")).code == code


def test_a_csv_named_xlsx_is_read(tmp_path):
    source, rows = rows_of(write(tmp_path, ROWS, "orders.xlsx"))

    assert (source.kind, len(rows)) == ("csv", 2)


def zipped(entries, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_one_packed_table_is_read_in_place(tmp_path):
    book = workbook(tmp_path, {"S": [["a", "b"], ["1", "x"]]}).read_bytes()
    packed = {
        "csv.gz": gzip.compress(ROWS.encode(), mtime=0),
        "csv.zip": zipped({"__MACOSX/._a": b"x", "orders.csv": ROWS.encode("gb18030")}),
        "xlsx.gz": gzip.compress(book, mtime=0),
        "xlsx.zip": zipped({"orders.xlsx": book}),
    }

    found = {name: rows_of(write(tmp_path, content, name)) for name, content in packed.items()}

    assert {name: (source.kind, source.packed, len(rows)) for name, (source, rows) in found.items()} == {
        "csv.gz": ("csv", "gz", 2),
        "csv.zip": ("csv", "zip", 2),
        "xlsx.gz": ("xlsx", "gz", 1),
        "xlsx.zip": ("xlsx", "zip", 1),
    }


def locked_zip():
    content = bytearray(zipped({"orders.csv": ROWS}))
    content[6] |= 1  # the flag of the entry …
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1  # … and of the directory
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped({"a.csv": ROWS, "b.csv": ROWS}), "several_files"),
        (zipped({"../../etc/x.csv": ROWS}), "path"),
        (zipped({"/etc/x.csv": ROWS}), "path"),
        (zipped({"C:\\x.csv": ROWS}), "path"),
        (zipped({"a.zip": zipped({"b.csv": ROWS})}), "nested"),
        (gzip.compress(gzip.compress(ROWS.encode(), mtime=0), mtime=0), "nested"),
        (zipped({f"{n}.csv": "x" for n in range(1001)}), "bomb"),
        (zipped({"a.csv": b"0" * 30_000_000}), "bomb"),
        (gzip.compress(b"0,1\n" * 10_000_000, mtime=0), "bomb"),
        (locked_zip(), "password"),
    ],
)
def test_an_archive_is_checked_before_anything_is_unpacked(tmp_path, content, code):
    before = sorted(tmp_path.parent.rglob("*"))
    path = write(tmp_path, content, "orders.zip")

    assert refusal(path).code == code
    assert sorted(tmp_path.parent.rglob("*")) == sorted([*before, path])


# ------------------------------------------------------------------ workbooks


HEAD = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'


def bombs():
    wide = "".join(f'<c r="{chr(65 + n % 26)}{1}"><v>1</v></c>' for n in range(26))
    return {
        "dimension": ('<dimension ref="A1:XFD1048576"/>' + HEAD + "</sheetData>", None),
        "far cell": (HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>', "too_many_cells"),
        "far cell, other quotes": (
            HEAD + "<row r = '1048576'><c r = 'XFD1048576'><v>1</v></c></row></sheetData>",
            "too_many_cells",
        ),
        "far cell, prefixed": (
            f'<?xml version="1.0"?><x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
            "too_many_cells",
        ),
        "rows": (HEAD + ("<row>" + wide + "</row>") * 300_000 + "</sheetData>", "bomb"),
        "giant cell": (
            HEAD
            + '<row r="2"><c r="A2" t="inlineStr"><is><t>'
            + "ab c" * 2_000_000
            + "</t></is></c></row></sheetData>",
            None,
        ),
        "entities": (
            f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet xmlns="{MAIN}"/>',
            "entities",
        ),
    }


@pytest.mark.parametrize("name", bombs())
def test_a_workbook_that_would_blow_up_is_refused_without_loading_it(tmp_path, name):
    sheet, code = bombs()[name]
    path = raw_workbook(tmp_path, sheet)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    if code is None and name == "dimension":
        assert rows_of(path)[1] == []
    else:
        assert refusal(path).code in {code, "bomb", "too_many_cells"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024


def test_too_many_shared_texts_are_refused(tmp_path):
    path = raw_workbook(
        tmp_path,
        HEAD + "</sheetData>",
        more={"xl/sharedStrings.xml": b"<sst>" + b"<si><t>x</t></si>" * 8_000_000 + b"</sst>"},
    )

    assert refusal(path).code in {"bomb", "too_many_cells"}


def test_entities_of_any_part_are_refused(tmp_path):
    evil = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst/>'

    assert (
        refusal(raw_workbook(tmp_path, HEAD + "</sheetData>", more={"xl/sharedStrings.xml": evil})).code == "entities"
    )


def test_macros_and_links_are_told_and_left_alone(tmp_path):
    path = raw_workbook(
        tmp_path,
        HEAD + '<row r="2"><c r="A2"><v>1</v></c></row></sheetData>',
        more={"xl/vbaProject.bin": b"\0", "xl/externalLinks/externalLink1.xml": b"<x/>"},
    )

    source, rows = rows_of(path)

    assert [notice.code for notice in source.notices] == ["macros", "links"]
    assert rows == [(2, [1.0])]


def test_rows_are_numbered_as_the_sheet_shows_them(tmp_path):
    source, rows = rows_of(workbook(tmp_path, {"S": [["", ""], ["", "a", "b"], [], ["", "1", "2"]]}))

    assert (source.header_row, source.header) == (2, ["", "a", "b"])
    assert rows == [(4, ["", "1", "2"])]


def test_cells_nobody_can_read_are_found_with_row_and_column(tmp_path):
    sheet = (
        HEAD + '<row r="2"><c r="A2"><f>1+1</f></c><c r="B2" t="e"><v>#REF!</v></c></row>'
        '<row r="3" hidden="1"><c r="A3"><f>1+1</f><v>2</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>'
        '</sheetData><mergeCells count="1"><mergeCell ref="B4:C5"/></mergeCells>'
    )

    source, rows = rows_of(raw_workbook(tmp_path, sheet))

    assert source.faults == {
        2: [(2, "error_cell", "#REF!"), (1, "formula", "")],
        4: [(2, "merged", ""), (3, "merged", "")],
        5: [(2, "merged", ""), (3, "merged", "")],
    }
    assert [notice.code for notice in source.notices] == ["hidden_rows"]
    assert (3, [2.0, ""]) in rows


def test_of_several_sheets_one_must_be_chosen(tmp_path):
    table = [["a", "b"], ["1", "2"]]
    path = workbook(tmp_path, {"甲": table, "乙": table, "empty": []})

    found = refusal(path)

    assert found.code == "choose_sheet"
    assert str(found) == "The workbook has several sheets; choose one: 甲、乙"
    assert rows_of(path, sheet="乙")[0].sheet == "乙"
    assert refusal(path, sheet="丙").code == "no_such_sheet"


def test_hidden_sheets_are_not_read_and_said(tmp_path):
    book = BOOK.replace("</sheets>", '<sheet name="H" sheetId="2" state="hidden" r:id="rId1"/></sheets>')
    path = raw_workbook(tmp_path, HEAD + '<row r="2"><c r="A2"><v>1</v></c></row></sheetData>', book=book)

    source, _rows = rows_of(path)

    assert source.sheet == "S"
    assert [notice.message for notice in source.notices] == ["Hidden sheets are not read: H"]


def test_an_old_xls_is_read():
    source, rows = rows_of(SAMPLES / "old.xls")

    assert (source.kind, source.header_row, len(rows)) == ("xls", 5, 3)


# ------------------------------------------------------------------ round trips

CELL = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff\ue000\ue001\u2028\u2029\x85"),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    table=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_what_was_written_is_read(tmp_path, table, encoding, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["订单编号", "买家会员名", "收货人姓名"])
    writer.writerows(table)

    _source, rows = rows_of(write(tmp_path, out.getvalue(), encoding=encoding))

    assert [cells for _row, cells in rows] == [row for row in table if any(row)]
