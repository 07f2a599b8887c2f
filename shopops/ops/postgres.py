"""A PostgreSQL of our own: made, started, brought back after a crash, stopped. Its sockets, no network."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg2
from psycopg2 import sql

from shopops.ops import processes
from shopops.ops.account import Account
from shopops.ops.programs import Programs

OWNER: Final = "shopops"
APP: Final = "shopops_app"  # the running program's role (shopops/history/guards.py)
DATABASE: Final = "shopops"
START_SECONDS: Final = 300  # recovery after a crash may replay much
WAIT: Final = 0.1  # seconds between looks


@dataclass(frozen=True)
class Postgres:
    """The server of one store. ``durable`` off: for tests, which need no protection from power loss."""

    programs: Programs
    account: Account
    folder: Path
    sockets: Path
    passwords: dict[str, str]  # of OWNER and APP
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    def ensure(self) -> None:
        """Make the cluster where there is none, start it, wait until it answers, make roles and database."""
        if not self.answers():
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._configure()
            self._start()
        self._populate()

    def answers(self, role: str = OWNER, database: str = "postgres") -> bool:
        """Say whether a query is answered now."""
        try:
            with self.connection(role, database) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    @contextmanager
    def connection(self, role: str = OWNER, database: str = "postgres") -> Iterator[Any]:
        """Connect, each statement a transaction of its own."""
        connection = psycopg2.connect(
            host=str(self.sockets),
            dbname=database,
            user=role,
            password=self.passwords[role],
            connect_timeout=5,
        )
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def pid(self) -> int | None:
        """Return the running postmaster's number."""
        found = self._noted_pid()
        return (
            found
            if found in processes.in_folder(self.data, "postgres") or (found and not processes.PROC.exists())
            else None
        )

    def stop(self) -> None:
        """Stop at once but cleanly: open transactions are rolled back."""
        if (self.data / "postmaster.pid").exists():
            self.account.call(self.programs.postgres("pg_ctl"), "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop")

    def _initialise(self) -> None:
        # Beside, then renamed: a cut initdb leaves a version file and half a cluster.
        fresh = self.folder / "postgres.new"
        for left in (fresh, self.data):
            if left.exists():
                shutil.rmtree(left)
        secret = self.folder / "run" / "password"  # a file: root's pipe cannot be opened again by the account
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.passwords[OWNER])
        self.account.give(secret)
        done = self.account.call(
            *(self.programs.postgres("initdb"), "-D", fresh, "-U", OWNER, "--pwfile", secret),
            *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        )
        secret.unlink()
        if done.returncode:
            raise SystemExit(f"PostgreSQL's initdb failed:\n{done.stdout}")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude = 'shopops.conf'\n")
        fresh.rename(self.data)

    def _configure(self) -> None:
        lines = [f"{name} = {value}\n" for name, value in self._settings().items()]
        path = self.data / "shopops.conf"
        path.write_text("".join(lines), encoding="utf-8")
        self.account.give(path)

    def _settings(self) -> dict[str, str]:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20  # MiB
        folder, log = (str(path).replace("'", "''") for path in (self.sockets, self.folder / "log"))
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'\"{folder}\"'",
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "shared_buffers": f"{max(64, min(2048, memory // 4))}MB",
            "work_mem": "24MB",
            "maintenance_work_mem": "256MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
            "wal_compression": "off",
            "default_statistics_target": "200",
            "autovacuum_vacuum_scale_factor": "0.05",
            "autovacuum_analyze_scale_factor": "0.02",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "logging_collector": "on",
            "log_directory": f"'{log}'",
            "log_filename": "'postgres-%a.log'",
            "log_truncate_on_rotation": "on",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
        return settings

    def _start(self) -> None:
        until = time.monotonic() + START_SECONDS
        said = ""
        while not self.answers():
            if time.monotonic() > until:
                raise SystemExit(f"PostgreSQL does not start; see {self.folder / 'log'}.\n{said}")
            if self.pid() is None:
                self._forget_strangers()
                # Orphans of a killed postmaster hold the memory a while: then this fails, or even
                # reports success, and is tried again.
                said = self.account.call(
                    *(self.programs.postgres("pg_ctl"), "-D", self.data, "-w", "-t", str(START_SECONDS)),
                    *("-l", self.folder / "log" / "postgres-start.log", "start"),
                ).stdout
            time.sleep(WAIT)

    def _noted_pid(self) -> int | None:
        with suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])
        return None

    def _forget_strangers(self) -> None:
        """Drop a note of a postmaster whose number another program has now: it would stop us for ever.

        Kept while any process still works in the data folder: the note leads PostgreSQL to their memory.
        """
        noted = self._noted_pid()
        if (
            noted
            and processes.PROC.exists()
            and processes.alive(noted)
            and not processes.in_folder(self.data, "postgres")
        ):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _populate(self) -> None:
        if self.answers(APP, DATABASE):
            return
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(
                sql.SQL(f"{verb} ROLE {{}} LOGIN PASSWORD {{}}").format(
                    sql.Identifier(APP), sql.Literal(self.passwords[APP])
                )
            )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
