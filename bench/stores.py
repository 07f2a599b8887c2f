"""The benches' databases: one that is migrated and empty, copies of it, stores of two sizes; work inside them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.measure import say
from shopops.ops.places import ROOT, digest
from shopops.ops.run import SOURCES

EMPTY: Final = "bench_empty"
FOLDER: Final = Path(os.environ.get("SHOPOPS_VAR", ROOT / "var" / "bench")) / "tmp"
# What people and departments keep; stages, jobs, batches and history are the program's own.
FACTS: Final = (
    "products_order", "products_orderline", "products_ordercontact", "products_shipment", "products_refund",
    "products_refundline", "products_channelitem", "customers_customer", "customers_identity",
)  # fmt: skip


def address(name: str, *, owner: bool = False) -> str:
    """Return the address of a database of the benches' server."""
    parts = urlsplit(os.environ["DATABASE_OWNER_URL" if owner else "DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


def environment(name: str, **more: str) -> dict[str, str]:
    """Return the settings of a program that works on the database ``name`` as the running store does."""
    own = {
        "DATABASE_URL": address(name),
        "DATABASE_OWNER_URL": address(name, owner=True),
        "IMPORT_MAX_ROWS": "60000000",
    }
    left = {"SHOPOPS_DB_OWNER", "PYTHONDONTWRITEBYTECODE"}
    return {key: value for key, value in os.environ.items() if key not in left} | own | more


@contextmanager
def connected(name: str) -> Iterator[Any]:
    """Connect as the owner, each statement a transaction of its own."""
    connection = psycopg2.connect(address(name, owner=True))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def manage(name: str, *arguments: str, owner: bool = False) -> str:
    """Run a management command on a database."""
    extra = {"SHOPOPS_DB_OWNER": "1"} if owner else {}
    return _run([sys.executable, "manage.py", *arguments], environment(name, **extra))


def inside(name: str, function: str, **arguments: object) -> dict[str, Any]:
    """Run ``module:function`` in a process of its own on a database; return the dictionary it returns."""
    command = [sys.executable, "-m", "bench.inside", function, json.dumps(arguments)]
    return json.loads(_run(command, environment(name)).splitlines()[-1])


def _run(command: list[str], settings: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-6000:]}")
    return done.stdout


def prepare() -> None:
    """Have an empty store to copy from, migrated as the program is now, and packed static files."""
    stamp = FOLDER / "prepared"
    files = [p for part in (*SOURCES, "static") for p in (ROOT / part).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    wanted = digest(files)
    with connected("postgres") as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMPTY])
        there = cursor.fetchone() is not None
    if there and stamp.exists() and stamp.read_text() == wanted:
        return
    say("preparing an empty store")
    if not there:
        make(EMPTY, template="template0")
    manage(EMPTY, "prepare", "migrate", owner=True)
    _run([sys.executable, "manage.py", "prepare", "static"], environment(EMPTY, STATIC_MANIFEST="1"))
    stamp.write_text(wanted)


def make(name: str, *, template: str = EMPTY) -> str:
    """Make a database anew, a copy of another one; return its name."""
    with connected("postgres") as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    return name


def drop(name: str) -> None:
    """Remove a database."""
    with connected("postgres") as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def settle(name: str) -> None:
    """Give every database of the same content the same state: statistics, visibility, no pending index entries."""
    with connected(name) as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def written(name: str) -> dict[str, tuple[int, int]]:
    """Return per table of facts how many rows were ever (inserted, updated or deleted)."""
    with connected(name) as cursor:
        for _try in range(100):  # the counts arrive when the last process has left
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [name]
            )
            if not cursor.fetchone()[0]:
                break
            time.sleep(0.05)
        cursor.execute(
            "SELECT relname, n_tup_ins, n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(FACTS)],
        )
        return {table: (inserted, changed) for table, inserted, changed in cursor.fetchall()}


def rows(name: str) -> dict[str, int]:
    """Return how many orders, lines, refunds and customers a store holds."""
    tables = {
        "orders": "products_order",
        "lines": "products_orderline",
        "refunds": "products_refund",
        "customers": "customers_customer",
    }
    with connected(name) as cursor:
        found = {}
        for word, table in tables.items():
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[word] = cursor.fetchone()[0]
    return found
