"""I1–I7: order files through the management command, held against a raw COPY of the same file."""

import io
import os
import time
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final

from bench import data, stores
from bench.measure import Goal, in_turn, peak_mb, say, timed

LIMIT: Final = "bench_limit"
_TABLE: Final = """
    CREATE TABLE raw (number text, code text, title text, quantity int, at timestamp, price numeric(18,4), buyer text, country text)
"""


def goals(files: data.Files) -> list[Goal]:
    """Measure the imports."""
    stores.make(LIMIT)
    with stores.connected(LIMIT) as cursor:
        cursor.execute(_TABLE)
    found, peak, counted = _first_and_again(files)
    rows = f"{data.LINES:,} lines"
    goals = [
        Goal("I1", f"first import of {rows} ÷ COPY into a logged table", 30, found["first"], found["copy"]),
        Goal("I2", "the same content in other bytes ÷ first import", 0.6, found["again"], found["first"]),
        Goal("I2-wal", "… its WAL ÷ that of the first import", 0.02, found["again_wal"], found["first_wal"], "MB"),
        Goal("I2-rows", "… rows of facts written or dead", 0, found["again_rows"], unit="rows"),
        Goal("I3", "the same bytes again ÷ COPY", 1, found["same"], found["copy"]),
        *_changed(files, counted),
    ]
    goals += _book(files, found["first"])
    goals += _history(files, found["first"], peak)
    stores.drop(LIMIT)
    return goals


def _copy(path: Path) -> float:
    """Return the seconds of a raw COPY into an empty, logged table."""
    with stores.connected(LIMIT) as cursor, path.open("rb") as file:
        cursor.execute("TRUNCATE raw")
        return timed(lambda: cursor.copy_expert("COPY raw FROM STDIN (FORMAT csv, HEADER)", file))


def _into(name: str, path: Path) -> dict[str, Any]:
    return stores.inside(name, "bench.imports:bring", path=str(path))


def _first_and_again(files: data.Files) -> tuple[dict[str, list[float]], float, str]:
    peaks: list[float] = []
    name = "bench_import"

    def one_round() -> dict[str, float]:
        say("I1 first import, I2 other bytes, I3 same bytes")
        stores.make(name)
        copy = _copy(files.first)
        first = _into(name, files.first)
        before = stores.written(name)
        again = _into(name, files.again)
        after = stores.written(name)
        same = _into(name, files.first)
        peaks.append(first["peak"])
        return {
            "copy": min(copy, _copy(files.first)),
            "first": first["seconds"],
            "first_wal": first["wal"],
            "again": again["seconds"],
            "again_wal": again["wal"],
            "again_rows": sum(sum(after[table]) - sum(before[table]) for table in after),
            "same": same["seconds"],
        }

    found = in_turn(one_round)
    return found, min(peaks), name


def _changed(files: data.Files, name: str) -> list[Goal]:
    say("I4 one line in a hundred changed")
    before = stores.written(name)
    _into(name, files.changed)
    after = stores.written(name)
    lines, orders = ((sum(after[table]) - sum(before[table])) for table in ("products_orderline", "products_order"))
    stores.drop(name)
    changed = files.changes["lines"] + files.changes["orders"]
    note = f"{lines} lines for {files.changes['lines']} changed, {orders} orders for the {files.changes['orders']} they are of"
    return [Goal("I4", "lines and orders written ÷ changed", 1.2, [lines + orders], [changed], "rows", note)]


def _book(files: data.Files, csv_seconds: list[float]) -> list[Goal]:
    def one_round() -> dict[str, float]:
        say("I6 the same rows as XLSX")
        stores.make("bench_book")
        return {"book": _into("bench_book", files.book)["seconds"]}

    found = in_turn(one_round)
    stores.drop("bench_book")
    return [Goal("I6", "XLSX ÷ CSV, the same rows", 1.6, found["book"], csv_seconds)]


def _history(files: data.Files, first: list[float], peak: float) -> list[Goal]:
    lines = data.LINES * data.TIMES
    say(f"I5 a file of {lines:,} lines")
    long, empty = stores.make("bench_history"), stores.make("bench_small")
    history = _into(long, files.history)
    stores.settle(long)
    say("I7 onto that: a small file, then a whole one")
    alone, onto = _into(empty, files.small), _into(long, files.small)
    whole = _into(long, files.first)
    for name in (long, empty):
        stores.drop(name)
    base = f"onto {lines:,} lines"
    return [
        Goal("I5", f"memory of an import of {lines:,} CSV lines", 200, [history["peak"]], unit="MB"),
        Goal(
            "I5-growth",
            f"… ÷ that of {data.LINES:,} lines",
            1.2,
            [history["peak"]],
            [peak],
            "MB",
            f"in {history['seconds']:.0f} s",
        ),
        Goal("I7", f"the whole file {base} ÷ onto nothing", 1.5, [whole["seconds"]], first),
        Goal(
            "I7-small",
            f"a file of {data.SMALL_FILE:,} lines {base} ÷ onto nothing",
            1.2,
            [onto["seconds"]],
            [alone["seconds"]],
        ),
    ]


def bring(path: str) -> dict[str, Any]:
    """Import one file by the command, inside the program; return seconds, MB of WAL and of memory."""
    from django.core.management import call_command
    from django.db import connection

    def wal() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute("SELECT wal_bytes FROM pg_stat_get_backend_wal(pg_backend_pid())")
            return int(cursor.fetchone()[0])

    before, backend = wal(), connection.connection.info.backend_pid
    said = io.StringIO()
    begun = time.perf_counter()
    code = 0
    with redirect_stdout(said):
        try:
            call_command(
                "import_orders", path, channel="retail", new_channel="Retail", currency="GBP", format="", stdout=said
            )
        except SystemExit as end:
            code = int(end.code or 0)
    seconds = time.perf_counter() - begun
    if code:
        raise SystemExit(f"import ended with {code} ({os.path.basename(path)}):\n{said.getvalue()}")  # noqa: PTH119 - a name out of a text
    if backend != connection.connection.info.backend_pid:
        raise SystemExit("the import changed its connection: its WAL is not known")
    with suppress(OSError):
        return {"seconds": seconds, "wal": (wal() - before) / 2**20, "peak": peak_mb(), "said": said.getvalue()[:400]}
    return {}
