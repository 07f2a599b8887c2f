"""``make backup`` and ``make restore FILE=…``: a whole store of this machine in one file.

The file is a tar of the database (pg_dump's own format), the media folder, the keys without which
personal fields cannot be read, the journal of erasures (keyed hashes), and a list with counts and SHA-256 sums by which a restore is checked.
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from shopops.ops.places import ROOT, Places, places, read_json, write_private
from shopops.ops.postgres import DATABASE, OWNER
from shopops.ops.servers import Servers

DUMP: Final = "database.dump"
LIST: Final = "list.json"
KEYS: Final = "keys.json"
ERASURES: Final = "erasures.jsonl"
KEPT_KEYS: Final = (
    "SECRET_KEY",
    "FIELD_KEY",
    "FIELD_KEYS_OLD",
    "HASH_KEY",
)  # passwords of the servers stay the machine's


def save(where: Places, target: Path | None) -> Path:
    """Write a backup, readable by you alone, and return its path."""
    servers = Servers(where)
    servers.attach()
    try:
        with tempfile.TemporaryDirectory(dir=where.var / "tmp") as folder:
            dump = Path(folder) / DUMP
            with _snapshot(servers) as (cursor, snapshot):  # dump and list see the same moment of a running store
                _tool(servers, "pg_dump", "-d", DATABASE, "-Fc", "-Z", "6", "-f", dump, f"--snapshot={snapshot}")
                rows = _fingerprints(cursor)
            made = datetime.fromtimestamp(dump.stat().st_mtime, UTC)
            path = target or where.var / "backups" / f"shopops-{made:%Y%m%d-%H%M%S}.tar"
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            media = where.var / "media"
            body = {
                "format": 1,
                "made": f"{made:%Y-%m-%dT%H:%M:%SZ}",
                "database": {"sha256": _sum(dump)},
                "rows": rows,
                "media": {str(f.relative_to(media)): _sum(f) for f in sorted(media.rglob("*")) if f.is_file()},
                "logins": read_json(where.run_file).get("logins", []),
            }
            half = path.with_name(f".{path.name}")
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                with tarfile.open(fileobj=file, mode="w") as archive:
                    _add_json(archive, LIST, body)
                    _add_json(archive, KEYS, {name: servers.keys[name] for name in KEPT_KEYS if name in servers.keys})
                    archive.add(dump, DUMP)
                    if _journal(where).exists():
                        archive.add(_journal(where), ERASURES)
                    archive.add(media, "media")
                file.flush()
                os.fsync(file.fileno())
            half.rename(path)
    finally:
        servers.release()
    return path


def restore(where: Places, source: Path) -> dict[str, Any]:
    """Bring a store back from a backup and return its list. Raises SystemExit, with the store as it was, if it is bad.

    The database is restored beside the old one, compared row for row by hashes, and only then put in its place.
    """
    if not source.is_file():
        raise SystemExit(f"There is no file {source}.")
    _refuse_running(where)
    servers = Servers(where)
    servers.attach()
    try:
        with tempfile.TemporaryDirectory(dir=where.var / "tmp") as name:
            folder = Path(name)
            body = _unpack(source, folder)
            (folder / "media").mkdir(exist_ok=True)
            keys = read_json(where.keys) | read_json(folder / KEYS)
            _restore_database(servers, folder / DUMP, body["rows"])
            write_private(where.keys, keys)
            _put_media(where, folder / "media")
            _merge_journal(_journal(where), folder / ERASURES)
        run = read_json(where.run_file)
        write_private(where.run_file, run | {"logins": body["logins"]})
        (servers.folder / "prepared").unlink(missing_ok=True)
        (servers.folder / "peopled").touch()
    finally:
        servers.release()
    return dict(body)


def _journal(where: Places) -> Path:
    return Path(os.environ.get("ERASURES_FILE") or where.var / ERASURES)


def _merge_journal(present: Path, saved: Path) -> None:
    """Who was erased since the backup stays erased: the present journal is kept, the backup's lines are added."""
    lines = [line for path in (saved, present) if path.exists() for line in path.read_text().splitlines() if line]
    if lines:
        fresh = present.with_name(f".{present.name}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in dict.fromkeys(lines)))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(present)


def _refuse_running(where: Places) -> None:
    where.make()
    if read_json(where.run_file).get("processes"):
        from shopops.ops.run import lock_of  # noqa: PLC0415 - only restoring needs it

        lock = lock_of(where)
        if lock is None:
            raise SystemExit("The store runs: make stop first.")
        lock.close()


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            for member in archive.getmembers():
                target = (folder / member.name).resolve()
                if not (member.isfile() or member.isdir()) or not target.is_relative_to(folder.resolve()):
                    raise SystemExit(f"{source} is no backup of ShopOps.")
            archive.extractall(folder)  # noqa: S202 - looked through above
    except tarfile.ReadError as error:
        raise SystemExit(f"{source} is no backup of ShopOps, or only a part of one.") from error
    body = read_json(folder / LIST)
    if body.get("format") != 1 or not (folder / DUMP).exists():
        raise SystemExit(f"{source} is no backup of ShopOps.")
    found = {name: folder / "media" / name for name in body["media"]}
    bad = [name for name, path in found.items() if not path.exists() or _sum(path) != body["media"][name]]
    if _sum(folder / DUMP) != body["database"]["sha256"] or bad:
        raise SystemExit(f"{source} is damaged: {', '.join(bad) or DUMP}.")
    return body


def _restore_database(servers: Servers, dump: Path, rows: dict[str, str]) -> None:
    fresh, old = f"{DATABASE}_new", f"{DATABASE}_old"
    with servers.postgres.connection() as connection, connection.cursor() as cursor:
        for name in (fresh, old):
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{fresh}"')
        _tool(servers, "pg_restore", "-d", fresh, "-j", "2", "--exit-on-error", dump)
        with _snapshot(servers, fresh) as (restored, _):
            found = _fingerprints(restored)
        if found != rows:
            cursor.execute(f'DROP DATABASE "{fresh}"')
            wrong = sorted(name for name in rows.keys() | found.keys() if rows.get(name) != found.get(name))
            raise SystemExit(
                f"The restored tables differ from the backup's list: {', '.join(wrong)}. Nothing was changed."
            )
        cursor.execute(f'ALTER DATABASE "{DATABASE}" RENAME TO "{old}"')
        cursor.execute(f'ALTER DATABASE "{fresh}" RENAME TO "{DATABASE}"')
        cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')


def _put_media(where: Places, media: Path) -> None:
    present, old = where.var / "media", where.var / "tmp" / "media.old"
    shutil.rmtree(old, ignore_errors=True)
    present.rename(old)
    media.rename(present)
    present.chmod(0o700)
    shutil.rmtree(old)


@contextmanager
def _snapshot(servers: Servers, database: str = DATABASE) -> Iterator[tuple[Any, str]]:
    with servers.postgres.connection(OWNER, database) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
        yield cursor, name


def _fingerprints(cursor: Any) -> dict[str, str]:
    """Return count and hash of every table: the sum of its rows' hashes, so that order does not matter."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM "{table}" t')
        count, total = cursor.fetchone()
        found[table] = f"{count}:{total}"
    return found


def _tool(servers: Servers, name: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [servers.programs.postgres(name), "-h", servers.sockets, "-U", OWNER, "--no-password", *arguments],
        env={"PGPASSWORD": servers.keys["owner_password"], "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_json(archive: tarfile.TarFile, name: str, body: object) -> None:
    data = json.dumps(body, ensure_ascii=False, indent=1).encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    archive.addfile(member, io.BytesIO(data))


def main() -> None:
    """``python -m shopops.ops.backup save [FILE] | restore FILE``."""
    parser = argparse.ArgumentParser(prog="make")
    parser.add_argument("what", choices=("save", "restore"))
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    where = places()
    if options.what == "save":
        path = save(where, options.file)
        print(f"{path} ({path.stat().st_size / 2**20:.1f} MiB). It holds the keys too: keep it where only you read it.")
        return
    if options.file is None:
        raise SystemExit("Which one? make restore FILE=var/backups/….tar")
    body = restore(where, options.file.absolute())
    tables = len(body["rows"])
    print(f"Restored the store of {body['made']}: {tables} tables and {len(body['media'])} files, each as saved.")
    for command in (["prepare", "migrate"], ["erasures", "--replay"]):
        subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
