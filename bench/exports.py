"""E1: the order list as a file, held against COPY TO and against a bare workbook of the same cells."""

import time
from typing import Any, Final

import xlsxwriter

from bench import data, stores
from bench.measure import Goal, in_turn, peak_mb, say

COLUMNS: Final = (
    "o.number, h.title, o.titles, o.buyer, c.name_mask, o.pieces, o.paid, o.refunded, o.state, o.due_at, o.paid_at"
)
ROWS: Final = f"""
    SELECT {COLUMNS} FROM products_order o JOIN products_channel h ON h.id = o.channel_id
    LEFT JOIN products_ordercontact c ON c.order_id = o.id ORDER BY o.created_at DESC, o.id DESC
"""


def goals() -> list[Goal]:
    """Measure the export of every order of the larger store."""
    name = data.STORES["10x"]
    peaks: dict[str, float] = {}
    lines = 0

    def one_round() -> dict[str, float]:
        nonlocal lines
        say("E1 exports")
        csv_file, book = (stores.inside(name, "bench.exports:export", kind=kind) for kind in ("csv", "xlsx"))
        peaks["csv"], peaks["xlsx"], lines = csv_file["peak"], book["peak"], csv_file["lines"]
        limits = stores.inside(name, "bench.exports:limits")
        return {"csv": csv_file["seconds"], "xlsx": book["seconds"], "copy": limits["copy"], "book": limits["book"]}

    found = in_turn(one_round)
    rows = f"{lines:,} orders"
    return [
        Goal("E1-csv", f"CSV of {rows} ÷ COPY TO of the same columns", 6, found["csv"], found["copy"]),
        Goal("E1-xlsx", f"XLSX of {rows} ÷ bare xlsxwriter", 1.6, found["xlsx"], found["book"]),
        Goal(
            "E1-memory",
            "the larger one's memory",
            200,
            [max(peaks.values())],
            unit="MB",
            note=f"CSV {peaks['csv']:.0f} MB",
        ),
    ]


# --- inside the program


def export(kind: str) -> dict[str, Any]:
    """Fetch the list's export by its address; return seconds, lines and memory."""
    from django.conf import settings

    from bench.pages import _client

    settings.EXPORT_FREE_ROWS = settings.EXPORTS_AN_HOUR = 10**9  # nobody has to agree to a bench, or to wait
    client = _client()
    client.get("/orders/?q=none")
    begun = time.perf_counter()
    response = client.get(f"/orders/?export={kind}")
    lines, size = 0, 0
    for part in response.streaming_content:
        size += len(part)
        lines += part.count(b"\n") if kind == "csv" else 0
    return {"seconds": time.perf_counter() - begun, "lines": lines - 1, "size": size, "peak": peak_mb()}


class _Nowhere:
    def write(self, text: str | bytes) -> int:
        return len(text)


def limits() -> dict[str, float]:
    """Return the seconds of COPY TO, and of a bare workbook of the same rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.copy_expert(f"COPY ({ROWS}) TO STDOUT (FORMAT csv, HEADER)", _Nowhere())
        copied = time.perf_counter() - begun
    begun = time.perf_counter()
    path = stores.FOLDER / "bare.xlsx"
    with xlsxwriter.Workbook(
        path,
        {
            "constant_memory": True,
            "remove_timezone": True,
            "tmpdir": str(stores.FOLDER),
            "default_date_format": "yyyy-mm-dd hh:mm:ss",
        },
    ) as book:
        sheet = book.add_worksheet()
        with connection.chunked_cursor() as cursor:
            cursor.execute(ROWS)
            for line, row in enumerate(cursor):
                sheet.write_row(line, 0, row)
    seconds = time.perf_counter() - begun
    path.unlink()
    return {"copy": copied, "book": seconds}
