"""Which account runs the servers: PostgreSQL refuses root, and root's files are no ordinary user's."""

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """A user of the system, by number."""

    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()

    def options(self) -> dict[str, Any]:
        """Return what ``subprocess`` needs to run a program as this account, out of reach of Ctrl-C."""
        other: dict[str, Any] = {} if self.is_me else {"user": self.uid, "group": self.gid, "extra_groups": []}
        return other | {"cwd": "/", "start_new_session": True, "env": ENVIRONMENT, "stdin": subprocess.DEVNULL}

    def call(self, *command: str | Path, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program as this account and return what it said. Output goes to a file a server may keep open."""
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [str(part) for part in command],
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
                **self.options(),
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")

    def reaches(self, folder: Path) -> bool:
        """Say whether this account can enter ``folder``."""
        return self.call("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0

    def runs(self, program: Path) -> bool:
        """Say whether this account can execute ``program``."""
        try:
            return self.call(program, "--version").returncode == 0
        except (PermissionError, FileNotFoundError):
            return False

    def folder(self, path: Path) -> Path:
        """Make a folder of this account's own, closed to others."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make ``path`` this account's."""
        if not self.is_me and path.stat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path, checkout: Path) -> Account:
    """Return who runs the servers: whoever owns the data; else you; for root the checkout's owner or a spare account.

    Raises SystemExit where the data is somebody else's.
    """
    me = Account(os.geteuid(), os.getegid())
    if data.exists():
        found = data.stat()
        owner = Account(found.st_uid, found.st_gid)
        if me.uid not in {0, owner.uid}:
            raise SystemExit(f"{data} belongs to user {owner.uid}: start as that user, or as root.")
        return owner
    if me.uid != 0:
        return me
    found = checkout.stat()
    if found.st_uid != 0 and _is_known(found.st_uid):
        return Account(found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise SystemExit("As root, an account named postgres or nobody is needed: PostgreSQL does not run as root.")


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
