"""What the benches work on: a file of real invoices or one like it, and stores of two sizes made set-based."""

import csv
import gzip
import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from bench import stores
from bench.measure import FULL, QUICK, say
from shopops.ops.places import ROOT

RETAIL: Final = Path(
    os.environ.get("BENCH_RETAIL") or ROOT.parent / "shared" / "data" / "online_retail_2010_2011.csv.gz"
)
LINES: Final = 54_190 if QUICK else 541_909
TIMES: Final = 3 if QUICK else 10  # how many copies of the file a long history has
SMALL_FILE: Final = 5000
DAYS: Final = 374  # from one copy's begin to the next one's
ORDERS: Final = (
    {"1x": 4000, "10x": 40_000}
    if QUICK
    else {"1x": 400_000, "10x": 4_000_000}
    if FULL
    else {"1x": 40_000, "10x": 400_000}
)
HEAD: Final = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
STORES: Final = {"1x": "bench_1x", "10x": "bench_10x"}
TIME: Final = "%Y-%m-%d %H:%M:%S"


def retail_rows() -> Iterator[list[str]]:
    """Yield the invoice lines: of the real file when it is there, else like them."""
    if not RETAIL.exists():
        yield from _invented_rows()
        return
    with gzip.open(RETAIL, "rt", encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        for number, row in enumerate(lines):
            if number >= LINES:
                return
            yield row


def _invented_rows() -> Iterator[list[str]]:
    """Yield as many lines of the same shape: 21 lines an invoice, credits, guests, charges, zero prices."""
    chance = random.Random(1)
    when, written, invoice = datetime(2010, 12, 1, 8, 26), 0, 536_365  # noqa: DTZ001 - the store's wall clock
    while written < LINES:
        credit = chance.random() < 0.15
        buyer = "" if chance.random() < 0.17 else f"{chance.randint(12_346, 18_287)}.0"
        for _line in range(2 if credit else chance.randint(1, 42)):
            if written == LINES:
                return
            code = "POST" if chance.random() < 0.01 else str(chance.randint(20_000, 23_900))
            price = "0.0" if chance.random() < 0.004 else f"{chance.randint(20, 1500) / 100}"
            count = chance.randint(1, 24) * (-1 if credit else 1)
            yield [
                f"{'C' if credit else ''}{invoice}",
                code,
                f"CREAM HEART LIGHT {code}",
                str(count),
                when.strftime(TIME),
                price,
                buyer,
                "United Kingdom",
            ]
            written += 1
        invoice += 1
        when += timedelta(minutes=DAYS * 1440 / (LINES / 19))


class Files:
    """The files to import, each made once."""

    def __init__(self) -> None:
        self.folder = stores.FOLDER / "files"
        self.folder.mkdir(exist_ok=True)
        self.first = self.folder / "retail.csv"
        self.again = self.folder / "retail_crlf.csv"
        self.changed = self.folder / "retail_changed.csv"
        self.book = self.folder / "retail.xlsx"
        self.history = self.folder / "history.csv"
        self.small = self.folder / "small.csv"
        self.changes = {"lines": 0, "orders": 0}

    def write(self) -> None:
        """Write all of them from one reading."""
        say(f"writing files of {LINES:,} lines from {'the retail file' if RETAIL.exists() else 'invented invoices'}")
        rows = list(retail_rows())
        _write(self.first, rows)
        _write(self.again, rows, end="\r\n")
        _write(self.changed, self._with_changes(rows))
        _write(self.history, _copies(rows))
        _write(self.small, _shifted(rows[:SMALL_FILE], 99))
        _write_book(self.book, rows)

    def _with_changes(self, rows: list[list[str]]) -> Iterator[list[str]]:
        """Change the price of every hundredth line that is a sale."""
        orders = set()
        for number, row in enumerate(rows):
            if number % 100 == 0 and row[0].isdigit() and int(row[3]) > 0 and float(row[5]) > 0:
                self.changes["lines"] += 1
                orders.add(row[0])
                row = [*row[:5], f"{float(row[5]) + 1:.2f}", *row[6:]]
            yield row
        self.changes["orders"] = len(orders)


def _write(path: Path, rows: Any, end: str = "\n") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator=end)
        writer.writerow(HEAD)
        writer.writerows(rows)


def _copies(rows: list[list[str]]) -> Iterator[list[str]]:
    """Yield the years before, the oldest first: other numbers, other days, other buyers, the same goods."""
    for copy in range(TIMES, 0, -1):
        yield from _shifted(rows, copy)


def _shifted(rows: list[list[str]], copy: int) -> Iterator[list[str]]:
    known: dict[str, str] = {}
    for number, code, title, count, moment, price, buyer, country in rows:
        if moment not in known:
            known[moment] = (
                (datetime.fromisoformat(moment) - timedelta(days=DAYS * copy)).strftime(TIME) if copy != 99 else moment
            )
        other = f"{number[0]}{copy}{number[1:]}" if not number.isdigit() else f"{copy}{number}"
        yield [other, code, title, count, known[moment], price, f"{copy}{buyer}" if buyer else "", country]


def _write_book(path: Path, rows: list[list[str]]) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for line, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                if column in {3, 5}:
                    sheet.write_number(line, column, float(text))
                else:
                    sheet.write_string(line, column, text)


def make_stores() -> dict[str, dict[str, int]]:
    """Make the stores of the two sizes; return the rows of each."""
    found = {}
    for size, name in STORES.items():
        say(f"making a store of {ORDERS[size]:,} orders")
        stores.make(name)
        stores.inside(name, "bench.data:make_store", orders=ORDERS[size])
        stores.settle(name)
        found[size] = stores.rows(name)
        say(f"  {found[size]}")
    return found


def make_store(orders: int) -> dict[str, int]:
    """Fill this store with two years of orders, as the demo does but of any size; with one log-in that may all."""
    from analytics.demo import services, story
    from shopops.accounts.models import Role, User
    from shopops.history.actor import SYSTEM, acting

    story.SIZES["bench"] = (orders, 730)
    counts = services.create(story.Story(1, "bench", story.until(None)))
    with acting(SYSTEM):
        for number in range(30):
            user = User(username=f"bench-{number}", full_name="Bench", language="zh-hans")
            user.set_unusable_password()
            user.save()
            user.roles.set(Role.objects.all())
    return counts
