"""Erasures noted outside the database, to be done again after an older backup was brought back.

One line of JSON each: when, a random name, kinds and keyed hashes. Nothing in it names a person.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from shopops.privacy.registry import Mark


@dataclass(frozen=True)
class Entry:
    """One erasure of the journal."""

    key: str
    at: datetime
    marks: tuple[Mark, ...]

    def line(self) -> str:
        marks = [[str(mark.kind), mark.digest.hex()] for mark in self.marks]
        return json.dumps({"key": self.key, "at": self.at.isoformat(), "marks": marks}, separators=(",", ":"))


def path() -> Path:
    """Return the journal's file."""
    return Path(settings.ERASURES_FILE)


def append(entry: Entry) -> None:
    """Write an erasure down for good (on the disk when this returns); readable by the program's account only."""
    where = path()
    where.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(where, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
        file.write(entry.line() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the entries of journal lines; each once. Raises ValueError at a line that is none."""
    seen: set[str] = set()
    for line in filter(None, map(str.strip, lines)):
        content = json.loads(line)
        if content["key"] not in seen:
            seen.add(content["key"])
            marks = tuple(Mark(kind, bytes.fromhex(value)) for kind, value in content["marks"])
            yield Entry(content["key"], datetime.fromisoformat(content["at"]), marks)


def entries(source: Path | None = None) -> list[Entry]:
    """Return the entries of a journal, this store's by default; none where there is no file."""
    where = source or path()
    return list(read(where.read_text(encoding="utf-8").splitlines())) if where.exists() else []
