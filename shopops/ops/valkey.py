"""A Redis-protocol server of our own, on a socket. It only carries wake-up calls; PostgreSQL holds the work."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shopops.ops import processes
from shopops.ops.account import Account
from shopops.ops.programs import Programs

START_SECONDS: Final = 60
NOTE_SECONDS: Final = 15


@dataclass(frozen=True)
class Valkey:
    """The broker of one store."""

    programs: Programs
    account: Account
    folder: Path
    sockets: Path

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def _note(self) -> Path:
        return self.folder / "run" / "valkey.pid"

    def ensure(self) -> None:
        """Start it where it does not answer, and wait until it does."""
        until = time.monotonic() + START_SECONDS
        said = ""
        while not self.answers():
            if time.monotonic() > until:
                raise SystemExit(f"The broker does not start; see {self.folder / 'log' / 'valkey.log'}.\n{said}")
            if self.pid() is None:
                said = self._start()
            time.sleep(0.05)

    def answers(self) -> bool:
        """Say whether it replies to PING."""
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def pid(self) -> int | None:
        """Return the running server's number."""
        with suppress(OSError, ValueError):
            noted = int(self._note.read_text())
            if noted in self._working() or not processes.PROC.exists():
                return noted if processes.alive(noted) else None
        return None

    def stop(self) -> None:
        """Write what is to be written and end; a hung server is killed after ten seconds."""
        pid = self.pid()
        self._ask(b"SHUTDOWN\r\n", seconds=10)
        if pid is not None:
            processes.end([pid], grace=10)

    def _working(self) -> list[int]:
        return processes.in_folder(self.folder / "valkey", "valkey-server")

    def _start(self) -> str:
        data = self.account.folder(self.folder / "valkey")
        processes.end(self._working(), grace=10)  # one that lost its note; two on the same files would spoil them
        self._note.unlink(missing_ok=True)
        said = self.account.call(
            *(self.programs.valkey, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "", "--dir", data),
            *("--daemonize", "yes", "--pidfile", self._note, "--logfile", self.folder / "log" / "valkey.log"),
        ).stdout
        until = time.monotonic() + NOTE_SECONDS
        while not self._note.exists() and time.monotonic() < until:  # on a busy machine it comes late
            time.sleep(0.02)
        return said

    def _ask(self, command: bytes, *, seconds: float = 2) -> bytes:
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.settimeout(seconds)
            line.connect(str(self.socket))
            line.sendall(command)
            return line.recv(200)
        return b""
