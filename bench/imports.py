"""I1 … I7: bringing files in, against a raw COPY of the same bytes."""

import csv
import gzip
import os
import shutil
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import xlsxwriter
from django.core.management import call_command
from django.db import connection

from bench import store
from bench.measure import ROOT, Result, compare, quick, seconds

HEAD: Final = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
LINES: Final = 541_909
RETAIL: Final = ROOT.parent / "shared" / "data" / "online_retail_2010_2011.csv.gz"


def rows(lines: int, *, first: int = 0, dearer: int = 0) -> Iterator[list[str]]:
    """Yield lines of a plain shop's export, 25 an order; every ``dearer``-th costs more."""
    for n in range(first, first + lines):
        order = n // 25
        price = 1 + n % 900 / 100 + (5 if dearer and n % dearer == 0 else 0)
        moment = f"{2010 + order // 20_000 % 12}-{order // 1600 % 12 + 1:02}-{order // 60 % 28 + 1:02} {8 + order % 10:02}:{order % 60:02}:00"
        yield [
            str(536_000 + order),
            f"{20_000 + n % 3800}",
            f"ITEM {n % 3800}",
            str(1 + n % 9),
            moment,
            f"{price:.2f}",
            f"{12_000 + order % 4300}.0",
            "United Kingdom",
        ]


def write_csv(path: Path, data: Iterator[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD])
        csv.writer(file).writerows(data)
    return path


def write_xlsx(path: Path, data: Iterator[list[str]]) -> Path:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([HEAD, *data]):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def bring(path: Path, channel: str = "retail") -> None:
    """Import a file by the product's own command. Raises RuntimeError where it is refused."""
    out = StringIO()
    try:
        call_command("import_orders", str(path), channel=channel, new_channel="Retail", currency="GBP", stdout=out)
    except SystemExit as ended:
        if ended.code:
            raise RuntimeError(out.getvalue()) from ended


def copy(path: Path) -> None:
    """Load the same bytes into a logged table of texts: what cannot be beaten."""
    with connection.cursor() as cursor, path.open(encoding="utf-8") as file:
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute(f"CREATE TABLE bench_copy ({', '.join(f'{name} text' for name in HEAD)})")
        cursor.copy_expert("COPY bench_copy FROM STDIN WITH (FORMAT csv, HEADER)", file)


def wal() -> int:
    """Return the WAL bytes this connection's server process wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT wal_bytes FROM pg_stat_get_backend_wal(pg_backend_pid())")
        return int(cursor.fetchone()[0])


def written(since: dict[str, int] | None = None) -> dict[str, int]:
    """Return rows written to orders, lines and refunds by table (since a former look)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
            " WHERE relname IN ('products_order', 'products_orderline', 'products_refund', 'products_refundline')"
        )
        now = dict(cursor.fetchall())
    return {name: int(count) - (since or {}).get(name, 0) for name, count in now.items()}


def peak_memory(path: Path, channel: str) -> float:
    """Import in a process of its own; return its largest memory in MB."""
    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "import_orders",
        str(path),
        "--channel",
        channel,
        "--new-channel",
        channel,
        "--currency",
        "GBP",
    ]
    pid = os.posix_spawn(sys.executable, command, os.environ)
    _pid, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"the import of {path.name} failed")
    return usage.ru_maxrss / 1024


def run(_sizes: Any) -> Iterator[Result]:  # noqa: ANN401
    lines = LINES // 10 if quick() else LINES
    with TemporaryDirectory() as folder:
        yield from _run(Path(folder), lines)
    store.empty()


def _run(folder: Path, lines: int) -> Iterator[Result]:
    first = folder / "first.csv"
    if RETAIL.exists() and not quick():
        with gzip.open(RETAIL) as packed, first.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    else:
        write_csv(first, rows(lines))
    whole = compare(
        "I1", f"first import of {lines} lines ÷ COPY", 30, lambda: copy(first), lambda: bring(first), before=store.empty
    )
    yield whole
    again = folder / "again.csv"
    again.write_bytes(first.read_bytes() + b"\n")  # other bytes, the same rows
    before, logged = written(), wal()
    took = seconds(lambda: bring(again))
    dead, bytes_again = sum(written(before).values()), wal() - logged
    yield Result("I2", "the same rows in other bytes ÷ first", whole.product, took, 0.6, n=1)
    yield Result("I2r", "rows written by that", 1, float(dead), 0, unit="rows", n=1)
    bytes_first = _wal_of_first(first)
    yield Result("I2w", "its WAL ÷ the first import's", bytes_first, bytes_again, 0.02, unit="bytes", n=1)
    yield compare("I3", "the same bytes ÷ COPY", 1, lambda: copy(first), lambda: bring(first))
    yield from _changed(folder, lines)
    yield _workbook(folder, lines)
    yield from _memory(folder, lines)
    yield from _onto_many(folder, lines)


def _wal_of_first(path: Path) -> int:
    store.empty()
    logged = wal()
    bring(path)
    return wal() - logged


def _changed(folder: Path, lines: int) -> Iterator[Result]:
    store.empty()
    bring(write_csv(folder / "base.csv", rows(lines)))
    before = written()
    bring(write_csv(folder / "dearer.csv", rows(lines, dearer=100)))
    changed = len(range(0, lines, 100))
    found = written(before)
    yield Result(
        "I4", "lines written ÷ lines changed (1 %)", changed, found["products_orderline"], 1.2, unit="rows", n=1
    )


def _workbook(folder: Path, lines: int) -> Result:
    plain = write_csv(folder / "plain.csv", rows(lines))
    book = write_xlsx(folder / "book.xlsx", rows(lines))
    store.empty()
    by_text = seconds(lambda: bring(plain))
    store.empty()
    return Result("I6", "XLSX ÷ CSV, the same rows", by_text, seconds(lambda: bring(book)), 1.6, n=1)


def _memory(folder: Path, lines: int) -> Iterator[Result]:
    store.empty()
    small = peak_memory(write_csv(folder / "small.csv", rows(lines)), "small")
    large = peak_memory(write_csv(folder / "large.csv", rows(lines * (10 if not quick() else 5))), "large")
    yield Result("I5", "memory of an import, ten times the lines (MB)", 200, large, 1, unit="MB", n=1)
    yield Result("I5g", "its growth over one time", small, large, 1.2, unit="MB", n=1)


def _onto_many(folder: Path, lines: int) -> Iterator[Result]:
    store.empty()
    few = write_csv(folder / "few.csv", rows(5000, first=50_000_000))
    late = write_csv(folder / "late.csv", rows(lines, first=60_000_000))
    empty_few, empty_late = seconds(lambda: bring(few, "one")), seconds(lambda: bring(late, "one"))
    store.empty()
    bring(write_csv(folder / "many.csv", rows(lines * 9)), "one")
    yield Result(
        "I7",
        "onto ten times as many ÷ onto empty, whole file",
        empty_late,
        seconds(lambda: bring(late, "one")),
        1.5,
        n=1,
    )
    yield Result("I7f", "the same, 5,000 lines", empty_few, seconds(lambda: bring(few, "one")), 1.2, n=1)
