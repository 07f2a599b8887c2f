"""The processes of a running store: started, watched, started again, stopped in order."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from shopops.ops import processes
from shopops.ops.places import ROOT

STEADY: Final = 60.0  # seconds a process must live before its next crash counts as the first
LONGEST_PAUSE: Final = 30.0  # seconds before a process that keeps crashing is started again
LOG_BYTES: Final = 10 * 2**20


@dataclass(frozen=True)
class Role:
    """One kind of process: its start command and the settings of its own."""

    name: str
    command: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)


def roles(host: str, port: int) -> list[Role]:
    """Return what a store runs, in the order of starting (README has the same commands)."""
    python = sys.executable
    worker = (
        python,
        "-m",
        "celery",
        "-A",
        "shopops",
        "worker",
        "--without-gossip",
        "--without-mingle",
        "-l",
        "warning",
    )
    limits = ("--max-tasks-per-child", "200", "--max-memory-per-child", "300000")  # KiB
    web = Role(
        "web",
        (
            *(python, "-m", "gunicorn", "shopops.wsgi:application", "--bind", f"{host}:{port}"),
            *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
            *("--reuse-port", "--no-control-socket", "--graceful-timeout", "30", "--timeout", "60"),
        ),
        {"STATEMENT_TIMEOUT_MS": "10000", "LOCK_TIMEOUT_MS": "3000", "IDLE_TRANSACTION_MS": "30000"},
    )
    workers = [
        Role(f"worker-{name}", (*worker, *limits, "-n", f"{name}@%h", "-Q", queues, "-c", "2"))
        for name, queues in (("default", "default,campaigns"), ("imports", "imports"), ("reports", "reports"))
    ]
    beat = Role("beat", (python, "-m", "celery", "-A", "shopops", "beat", "-l", "warning", "--pidfile="))
    return [web, *workers, beat]


class Child:
    """One running process of a role, in a session of its own."""

    def __init__(self, role: Role, environment: dict[str, str], log: Path) -> None:
        self.role = role
        self._environment = environment | role.settings | {"SHOPOPS_PROCESS": role.name}
        self._log = log / f"{role.name}.log"
        self._crashes = 0
        self._again_at = 0.0  # monotonic seconds
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; what it prints goes to its log."""
        with self._open_log() as log:
            self._process = subprocess.Popen(
                self.role.command,
                cwd=ROOT,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def mend(self) -> bool:
        """Start the process again when it has ended, later and later if it keeps ending; say whether it did."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return False
            processes.kill_group(self._process.pid)  # what a killed parent left
            self._process = None
            self._crashes = 0 if now - self._started > STEADY else self._crashes + 1
            self._again_at = now + min(LONGEST_PAUSE, 2.0 ** (self._crashes - 1) if self._crashes else 0.0)
        if now < self._again_at:
            return False
        self.start()
        return True

    def ask_to_end(self) -> None:
        """Send SIGTERM: requests and tasks in work are finished."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Wait for the end until a monotonic time, then kill the process and what it started."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until - time.monotonic()))
        processes.kill_group(self._process.pid)
        self._process.wait()

    def last_words(self) -> str:
        """Return the end of the log."""
        try:
            return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        except FileNotFoundError:
            return ""

    def _open_log(self) -> IO[bytes]:
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".1.log"))
        return self._log.open("ab")
