"""Recognising our own processes: a number alone may be a stranger's by now."""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
MARK: Final = "SHOPOPS_RUN"  # in the environment of everything a supervisor starts


def alive(pid: int) -> bool:
    """Say whether a process of this number runs (zombies do not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def marked(mark: str) -> list[int]:
    """Return the processes started under this mark, whoever is their parent now (Linux; elsewhere none)."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return [pid for pid in found if alive(pid)]


def in_folder(folder: Path, program: str) -> list[int]:
    """Return the processes of ``program`` that work in ``folder`` (Linux; elsewhere none)."""
    wanted = str(folder.resolve())
    found = []
    for entry in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str((entry / "cwd").readlink()) == wanted and (entry / "exe").readlink().name.startswith(program):
                found.append(int(entry.name))
    return [pid for pid in found if alive(pid)]


def end(pids: Iterable[int], *, grace: float) -> None:
    """Ask processes to end, and kill those that have not after ``grace`` seconds."""
    left = [pid for pid in pids if _send(pid, signal.SIGTERM)]
    until = time.monotonic() + grace
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = [pid for pid in left if alive(pid)]
    for pid in left:
        _send(pid, signal.SIGKILL)


def _send(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def kill_group(leader: int) -> None:
    """Kill what is left of the session ``leader`` began; it must be, or have been, our own child."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
