"""Encrypted values under a new key: topics' ``privacy.py`` names them in ``CIPHERS``, and they are made anew in batches.

Nothing is lost where it is broken off: each batch is one transaction that locks its rows, and what is of the
present key already is left as it is. HASH_KEY is never changed: all matching rests on it (docs/privacy.md).
"""

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from django.db import connection
from psycopg2 import sql
from psycopg2.extras import Json, execute_values

from shopops.access.personal import current_head, reveal, seal
from shopops.history.actor import SYSTEM, acting
from shopops.topics import registered

BATCH: Final = 2_000  # rows of one transaction


@dataclass(frozen=True)
class Ciphers:
    """Encrypted values of one table.

    ``columns`` hold a cipher each. With ``inside`` the one column is a JSON object whose members of these
    names are ciphers: as PostgreSQL writes bytes (``\\x…``, a row kept whole) or in base64.
    """

    table: str
    columns: tuple[str, ...]
    key: str = "id"
    inside: tuple[str, ...] = ()
    schema: str = "public"

    def place(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.table)


@dataclass(frozen=True)
class Files:
    """Encrypted files: ``old`` yields those not of the present key, ``renew`` makes one anew."""

    label: str
    old: Callable[[], Iterator[Any]]
    renew: Callable[[Any], None]


def tables() -> Iterator[Ciphers]:
    """Yield every table with ciphers; a function in ``CIPHERS`` returns those that come and go."""
    for item in registered("privacy", "CIPHERS"):
        if isinstance(item, Ciphers):
            yield item
        elif callable(item):
            yield from item()


def files() -> Iterator[Files]:
    """Yield every kind of encrypted file."""
    return (item for item in registered("privacy", "CIPHERS") if isinstance(item, Files))


def left(item: Ciphers) -> int:
    """Return how many rows hold a cipher of another key or version."""
    return sum(len(rows) for rows in _blocks(item))


def renew(item: Ciphers) -> tuple[int, int]:
    """Make a table's ciphers anew; return how many rows were, and how many no key opens."""
    done = damaged = 0
    for rows in _blocks(item):
        made, bad = _renewed(item, [row[0] for row in rows])
        done, damaged = done + made, damaged + bad
    return done, damaged


def _blocks(item: Ciphers) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows to be made anew (key, values), a batch at a time, each row once."""
    after: Any = None
    while rows := _read(item, _beyond(item, after), {"after": after, "batch": BATCH, "head": current_head()}):
        after = rows[-1][0]
        if old := [row for row in rows if any(_is_old(item, value) for value in row[1:])]:
            yield old


def _beyond(item: Ciphers, after: Any) -> sql.Composable:
    key, parts = sql.Identifier(item.key), [sql.SQL("true")]
    if after is not None:
        parts.append(sql.SQL("t.{} > %(after)s").format(key))
    if not item.inside:  # plain columns: the database passes over what is of the present key
        wanted = [sql.SQL("substring(t.{} FROM 1 FOR 5) <> %(head)s").format(sql.Identifier(c)) for c in item.columns]
        parts.append(sql.SQL("({})").format(sql.SQL(" OR ").join(wanted)))
    return sql.SQL("WHERE {} ORDER BY t.{} LIMIT %(batch)s").format(sql.SQL(" AND ").join(parts), key)


def _read(item: Ciphers, rest: sql.Composable, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    names = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in (item.key, *item.columns))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT {} FROM {} t {}").format(names, item.place(), rest), values)
        rows = list(cursor.fetchall())
    if not item.inside:
        return rows
    return [
        (key, *(json.loads(value) if isinstance(value, str) else value for value in values)) for key, *values in rows
    ]


def _renewed(item: Ciphers, keys: Sequence[Any]) -> tuple[int, int]:
    """Read the rows again under lock and write them anew, in one transaction."""
    ready, bad = [], 0
    with acting(SYSTEM, source="keys:rotated"):
        locked = sql.SQL("WHERE t.{} = ANY(%(keys)s) ORDER BY t.{} FOR UPDATE").format(
            sql.Identifier(item.key), sql.Identifier(item.key)
        )
        for key, *values in _read(item, locked, {"keys": list(keys)}):
            try:
                ready.append((key, *(_anew(item, value) for value in values)))
            except InvalidTag:
                bad += 1
        if ready:
            with connection.cursor() as cursor:
                execute_values(cursor.cursor, _update(item), ready, page_size=BATCH)
    return len(ready), bad


def _update(item: Ciphers) -> sql.Composable:
    names, kind = [sql.Identifier(name) for name in item.columns], "jsonb" if item.inside else "bytea"
    return sql.SQL("UPDATE {table} t SET {sets} FROM (VALUES %s) v (key, {names}) WHERE t.{key} = v.key").format(
        table=item.place(),
        sets=sql.SQL(", ").join(sql.SQL("{0} = v.{0}::" + kind).format(name) for name in names),
        names=sql.SQL(", ").join(names),
        key=sql.Identifier(item.key),
    )


def _is_old(item: Ciphers, value: Any) -> bool:
    if value is None:
        return False
    if not item.inside:
        return bytes(value[:5]) != current_head()
    return any(_bytes(value.get(name))[:5] != current_head() for name in item.inside if _bytes(value.get(name)))


def _anew(item: Ciphers, value: Any) -> Any:
    if value is None or not _is_old(item, value):
        return Json(value) if item.inside and value is not None else value
    if not item.inside:
        return seal(reveal(value))
    made = dict(value)
    for name in item.inside:
        if raw := _bytes(made.get(name)):
            fresh = seal(reveal(raw))
            made[name] = f"\\x{fresh.hex()}" if made[name].startswith("\\x") else base64.b64encode(fresh).decode()
    return Json(made)


def _bytes(text: object) -> bytes:
    """Return the cipher a JSON member holds; empty where it holds none."""
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex(text[2:]) if text.startswith("\\x") else base64.b64decode(text, validate=True)
    except (ValueError, NotBase64):
        return b""
