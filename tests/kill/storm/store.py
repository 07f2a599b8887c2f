"""A small real store, started as ``make run`` starts one, whose processes are killed by number.

Its beat looks every two seconds and its leases last seconds (settings a store may set), so that what was
killed is taken up again by the product itself; nothing here mends anything but a killed supervisor.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import psycopg2

from shopops.ops import processes
from shopops.ops.children import roles
from shopops.ops.places import ROOT, Places, read_json
from shopops.ops.postgres import DATABASE, OWNER
from shopops.ops.servers import Servers

FOREIGN: Final = frozenset({"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "HASH_KEY",
    "SITE_URL", "SHOPOPS_DB_OWNER", "SHOPOPS_VAR", "CLOCK_SHIFT_SECONDS", "REPORTS_FROM"})  # fmt: skip
PATIENCE: Final = 240.0  # seconds anything may take before it counts as lost
UNGUARDED: Final = Path(__file__).parents[1] / "unguarded"


class Stuck(Exception):
    """Something did not happen in time."""


def until(condition: Callable[[], Any], what: str, *, seconds: float = PATIENCE) -> Any:
    """Look until ``condition`` gives something and return that. Raises Stuck."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Stuck(what)
        select.select([], [], [], 0.1)


def steady(function: Callable[[], Any]) -> Any:
    """Call ``function`` until the database answers it; return the result. Raises Stuck."""
    from django.conf import settings
    from django.db import Error, connection

    def attempt() -> Any:
        try:
            return [function()]
        except (Error, psycopg2.Error):
            if settings.configured:  # the storm of reports uses no models
                connection.close()
            return None

    return until(attempt, "the database to come back")[0]


def kill(pids: Iterable[int | None]) -> None:
    """Kill without a warning, and wait for the ends."""
    wanted = [pid for pid in pids if pid]
    for pid in wanted:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    until(lambda: not any(processes.alive(pid) for pid in wanted), "killed processes to end")


def parent_of(pid: int) -> int:
    return int((processes.PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def children_of(pid: int) -> list[int]:
    found = []
    for entry in processes.PROC.glob("[0-9]*"):
        try:
            if parent_of(int(entry.name)) == pid:
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return found


class SmallStore:
    """One store in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "var")
        self.servers = Servers(self.places)
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            port = line.getsockname()[1]
        self.port = port
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self.surroundings = kept | {
            "SHOPOPS_VAR": str(self.places.var),
            "STATIC_MANIFEST": "0",
            "DEMO": "0",
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            "SWEEP_SECONDS": "2",
            "JOB_LEASE_SECONDS": "5",
            "LOCK_TIMEOUT_MS": "8000",
        }
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.second_beat: subprocess.Popen[bytes] | None = None
        self.more: dict[str, str] = {}
        self._line: Any = None

    def start(self, **more: str) -> None:
        """Start the store and wait until it says that it runs; ``more`` holds until the next start with other."""
        self.more = more or self.more
        said = self.places.var / "said"
        said.unlink(missing_ok=True)
        with said.open("wb") as file:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "shopops.ops.run"],
                cwd=ROOT,
                env=self.surroundings | self.more,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: b"ShopOps runs" in said.read_bytes() or self.supervisor.poll() is not None, "the store to start")
        if self.supervisor.poll() is not None:
            raise Stuck(f"the store did not start: {said.read_text()}")

    def start_second_beat(self) -> None:
        """Start one more beat, by the same command."""
        environment = os.environ | self.surroundings | self.servers.environment() | self.more
        beat = roles("127.0.0.1", self.port)[-1]
        with (self.places.log / "beat-2.log").open("ab") as log:
            self.second_beat = subprocess.Popen(
                beat.command,
                cwd=ROOT,
                env=environment | {processes.MARK: self.mark, "SHOPOPS_PROCESS": "beat-2"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Stop the store as Ctrl-C does."""
        self.hang_up()
        if self.second_beat is not None:
            self.second_beat.kill()
            self.second_beat.wait()
            self.second_beat = None
        if self.supervisor is not None:
            self.supervisor.send_signal(signal.SIGTERM)
            try:
                self.supervisor.wait(PATIENCE)
            finally:
                if self.supervisor.poll() is None:
                    self.kill_everything()
            self.supervisor = None

    @property
    def note(self) -> dict[str, Any]:
        return read_json(self.places.run_file)

    @property
    def mark(self) -> str:
        return self.note.get("mark", "-")

    def pid(self, name: str) -> int:
        """Return the number of a role's running process."""
        return until(lambda: self._alive(self.note["processes"].get(name)), f"{name} to run")

    @staticmethod
    def _alive(pid: int | None) -> int | None:
        return pid if pid and processes.alive(pid) else None

    def job_pids(self, job: int) -> list[int]:
        """Return the processes that work on a job for a worker."""
        found = []
        mark = f"{processes.MARK}={self.mark}".encode()
        for entry in processes.PROC.glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if words[-3:-1] == [b"run_job", str(job).encode()] and mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return [pid for pid in found if processes.alive(pid)]

    def kill_everything(self) -> None:
        """Kill every process of the store at once: supervisor, web, workers, beat, both servers."""
        servers = self.servers.pids().values()
        kill([self.supervisor.pid if self.supervisor else None, *processes.marked(self.mark), *servers])
        if self.supervisor is not None:
            self.supervisor.wait()
        if self.second_beat is not None:
            self.second_beat.wait()
        self.supervisor = self.second_beat = None

    def revive(self, look: Callable[[], Any]) -> Any:
        """Start again after :meth:`kill_everything`; ``look`` sees the data before any process works on them."""
        self.servers.attach()
        try:
            found = look()
            self.start()
        finally:
            self.servers.release()
        return found

    def kill_database(self, *, immediate: bool) -> None:
        """End the database without any care: by its own immediate stop, or by SIGKILL of the postmaster."""
        postgres = self.servers.postgres
        pid = postgres.pid()
        if immediate:
            program = postgres.programs.postgres("pg_ctl")
            postgres.account.call(program, "-D", postgres.data, "-m", "immediate", "-W", "stop")
        else:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not processes.alive(pid), "the postmaster to end")

    def sql(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """Run one statement as the owner; waits for a database that is coming back."""

        def run() -> list[tuple[Any, ...]]:
            try:
                if self._line is None:
                    self._line = self.connect("storm")
                    self._line.autocommit = True
                with self._line.cursor() as cursor:
                    cursor.execute(statement, values)
                    return cursor.fetchall() if cursor.description else []
            except psycopg2.Error:
                self.hang_up()
                raise

        return steady(run)

    def connect(self, name: str) -> Any:
        """Return a connection as the owner, acting as the program."""
        return psycopg2.connect(
            host=str(self.servers.sockets),
            dbname=DATABASE,
            user=OWNER,
            password=self.servers.postgres.passwords[OWNER],
            application_name=name,
            connect_timeout=5,
            options="-c shopops.actor=0 -c lock_timeout=30s",
        )

    def hang_up(self) -> None:
        """Forget the connection; the next statement makes another."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


class Gate:
    """A lock of ours in the database that stops the product's own code at one place, unchanged.

    Whoever comes there waits (the product's lock time-out lets it go on trying); then it is killed.
    """

    def __init__(self, store: SmallStore, statement: str) -> None:
        self.store = store
        self._line: Any = None
        steady(lambda: self._close(statement))

    def _close(self, statement: str) -> None:
        self._line = self.store.connect("gate")
        with self._line.cursor() as cursor:
            cursor.execute(statement)

    def waiting(self) -> list[str]:
        """Return the names of the sessions that wait at the gate."""
        rows = self.store.sql(
            "SELECT application_name FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND EXISTS ("
            " SELECT FROM pg_stat_activity g WHERE g.application_name = 'gate' AND g.pid = ANY(pg_blocking_pids(pg_stat_activity.pid)))"
        )
        return [name for (name,) in rows]

    def open(self) -> None:
        """Let pass whoever waits and lives."""
        try:
            self._line.close()
        except psycopg2.Error:
            return


def share(table: str) -> str:
    """Return the lock that lets a table be read and lets nobody write it."""
    return f"LOCK TABLE {table} IN SHARE MODE"
