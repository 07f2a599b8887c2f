"""Looks for texts in whatever a store keeps: a backup opened whole, logs, the broker's files, answers of pages.

A text is looked for in every spelling it may have there: its bytes in two encodings, hexadecimal, Base64 at any
offset, escaped in JSON, in an address, in a mail. What is encrypted is opened with the backup's own keys first.
"""

import base64
import json
import re
import subprocess
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from quopri import encodestring
from typing import Any
from urllib.parse import quote

from shopops.access.personal import current_head, reveal
from shopops.exchange import boxes
from shopops.ops.programs import Programs

BYTEA = re.compile(rb"\\\\?\\x((?:[0-9a-f]{2}){30,})")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{40,}={0,2}")


def spellings(text: str) -> set[bytes]:
    """Return the ways a text may be written in a file."""
    plain = text.encode()
    found = {plain, text.encode("gb18030"), plain.hex().encode(), json.dumps(text)[1:-1].encode(), quote(text).encode()}
    found.add(encodestring(plain).strip())
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + plain)
        found.add(coded[-(-offset * 8 // 6) : len(coded) - 4])  # without what its neighbours share
    return found


class Needles:
    """The texts of persons, in all their spellings."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.of = {text: spellings(text) for text in texts}

    def seen(self, *blobs: bytes) -> set[str]:
        """Return which texts stand in these bytes."""
        return {text for text, forms in self.of.items() if any(form in blob for blob in blobs for form in forms)}


def opened_values(blob: bytes) -> bytes:
    """Return what the encrypted and packed values among these bytes hold, as text the needles find."""
    return b"\n".join(_opened(blob))


def _opened(blob: bytes) -> Iterator[bytes]:
    for match in BYTEA.finditer(blob):
        yield from _plain(bytes.fromhex(match[1].decode()))
    for match in BASE64.finditer(blob):
        raw = _decoded(match[0])
        yield raw
        yield from _sealed_in(raw)
        try:
            yield zlib.decompress(raw)  # a session
        except zlib.error:
            continue


def _plain(raw: bytes) -> Iterator[bytes]:
    try:
        yield reveal(raw).encode()
    except Exception:  # noqa: BLE001 - no cipher of ours
        yield raw


def _decoded(text: bytes) -> bytes:
    text = text.replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    return base64.b64decode(text[: len(text) - (len(text) % 4 == 1)] + b"=" * (-len(text) % 4), validate=False)


def _sealed_in(raw: bytes) -> Iterator[bytes]:
    """Yield what is encrypted inside a kept answer: a pickle tells the length of its bytes before them."""
    at = raw.find(current_head())
    while at > 0:
        for size in {raw[at - 1], int.from_bytes(raw[max(0, at - 4) : at], "little")}:
            yield from _plain(raw[at : at + size])
        at = raw.find(current_head(), at + 1)


def places_of(backup: Path, folder: Path, programs: Programs) -> dict[str, tuple[bytes, ...]]:
    """Open a backup whole: place → what stands there, encrypted values and kept files in plain."""
    with tarfile.open(backup) as archive:
        archive.extractall(folder, filter="data")
    sql = folder / "database.sql"
    command = [programs.postgres("pg_restore"), "-f", sql, folder / "database.dump"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    text = sql.read_bytes()
    found = {"the dump": (text,), "the dump, opened": (opened_values(text),)}
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name not in {"database.dump", "database.sql"}
    ):
        name = str(path.relative_to(folder))
        kept = name.startswith("media/")
        place = "kept files" if kept else name
        found[place] = (*found.get(place, ()), path.read_bytes())
        if kept:
            found["kept files, opened"] = (*found.get("kept files, opened", ()), *_boxed(path))
    return found


def _boxed(path: Path) -> Iterator[bytes]:
    try:
        yield b"".join(boxes.take(str(path)))
    except (ValueError, FileNotFoundError):
        return


def files_below(*folders: Path) -> tuple[bytes, ...]:
    """Return what stands in all files of these folders."""
    every: list[Any] = [path for folder in folders for path in sorted(folder.rglob("*"))]
    return tuple(path.read_bytes() for path in every if path.is_file() and not path.is_symlink())
