"""The two servers of a store, shared by all its processes: the first one in starts them, the last one out stops them.

Every user of the servers holds a shared lock; a killed one loses it by dying. Starting and stopping
happen under a second, exclusive lock.
"""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from shopops.ops.account import Account, account_for
from shopops.ops.keys import keys_of
from shopops.ops.places import ROOT, Places, read_json
from shopops.ops.postgres import APP, DATABASE, OWNER, Postgres
from shopops.ops.programs import Programs, within_reach
from shopops.ops.valkey import Valkey

LONGEST: Final = 80  # characters of the sockets' folder; the system's limit for a whole socket path is 107 bytes
PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")  # what every client reads the same way in an address
OUTSIDE: Final = Path("/var/lib")  # for root, where the servers' account cannot reach the checkout


class Servers:
    """PostgreSQL and Valkey of one store."""

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        places.make()
        self.places = places
        self.durable = durable
        self.keys = keys_of(places)
        self._hold: IO[str] | None = None

    def attach(self) -> None:
        """Use the servers, started where they do not run; they stay until the last user has gone."""
        with self._alone():
            self._hold = self._lock_file("users")
            fcntl.flock(self._hold, fcntl.LOCK_SH)
            self.ensure()

    def ensure(self) -> None:
        """Start what does not answer. Call it while attached."""
        self.postgres.ensure()
        self.valkey.ensure()

    def mend(self) -> None:
        """Start again what died, beside other processes of this store."""
        with self._alone():
            self.ensure()

    def release(self) -> None:
        """Stop using the servers; the last user stops them."""
        if self._hold is None:
            return
        with self._alone():
            self._hold.close()
            self._hold = None
            self._stop_unused()

    def stop_unused(self) -> bool:
        """Stop servers nobody uses (left by killed processes); say whether nobody did."""
        with self._alone():
            return self._stop_unused()

    def _stop_unused(self) -> bool:
        with self._lock_file("users") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if self.places.servers.exists():
                self.valkey.stop()
                self.postgres.stop()
        return True

    def pids(self) -> dict[str, int | None]:
        """Return the servers' process numbers."""
        return {"postgres": self.postgres.pid(), "valkey": self.valkey.pid()}

    def environment(self) -> dict[str, str]:
        """Return the settings the program needs to work on these servers."""
        host = quote(str(self.sockets), safe="/")
        address = f"postgres://{{}}:{{}}@/{DATABASE}?host={host}"
        return {
            "DATABASE_URL": address.format(APP, self.keys["app_password"]),
            "DATABASE_OWNER_URL": address.format(OWNER, self.keys["owner_password"]),
            "REDIS_URL": f"redis+socket://{self.valkey.socket}?virtual_host=0",
            "SECRET_KEY": self.keys["SECRET_KEY"],
            "FIELD_KEY": self.keys["FIELD_KEY"],
            "FIELD_KEYS_OLD": self.keys.get("FIELD_KEYS_OLD", ""),
            "HASH_KEY": self.keys["HASH_KEY"],
            "SHOPOPS_VAR": str(self.places.var),
            "SITE_URL": read_json(self.places.run_file).get("url") or "http://localhost:8000",
        }

    @cached_property
    def account(self) -> Account:
        return account_for(self.places.servers / "postgres", ROOT)

    @cached_property
    def folder(self) -> Path:
        """The servers' own folder: in ``var``, or outside where root's checkout is closed to their account."""
        link = self.places.servers
        if not link.exists():
            link.unlink(missing_ok=True)
            if self.account.reaches(self.places.var):
                self.account.folder(link)
            else:
                outside = OUTSIDE / f"shopops-{self.places.mark}"
                self.account.folder(outside)
                (outside / "store").write_text(str(self.places.var))
                link.symlink_to(outside)
        folder = link.resolve()
        if link.is_symlink() and folder.name != f"shopops-{self.places.mark}":
            self._adopt(folder)
        for name in ("run", "log"):
            self.account.folder(folder / name)
        return folder

    def _adopt(self, folder: Path) -> None:
        """Take over data outside from where this checkout stood before; refuse that of one it was copied from."""
        note = folder / "store"
        before = Path(note.read_text())
        if before.exists() and before != self.places.var:
            raise SystemExit(f"{self.places.servers} leads to the data of {before}: remove the link to begin anew.")
        note.write_text(str(self.places.var))

    @cached_property
    def sockets(self) -> Path:
        """The sockets' folder: with the servers, or a short one where the path is too long for a socket."""
        own = self.folder / "run"
        if len(str(own)) <= LONGEST and PLAIN.fullmatch(str(own)):
            return own
        short = Path(tempfile.gettempdir()) / f"so-{self.places.mark}"
        self.account.folder(short)
        found = short.lstat()
        if found.st_uid != self.account.uid or short.is_symlink() or found.st_mode & 0o077:
            raise SystemExit(f"{short} is not ours alone: remove it.")
        return short

    @cached_property
    def postgres(self) -> Postgres:
        passwords = {OWNER: self.keys["owner_password"], APP: self.keys["app_password"]}
        return Postgres(self.programs, self.account, self.folder, self.sockets, passwords, self.durable)

    @cached_property
    def valkey(self) -> Valkey:
        return Valkey(self.programs, self.account, self.folder, self.sockets)

    @cached_property
    def programs(self) -> Programs:
        return within_reach(self.account, self.folder / "programs")

    def _lock_file(self, name: str) -> IO[str]:
        return (self.places.run / f"{name}.lock").open("a")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock_file("start") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def given(environment: dict[str, str] | None = None) -> bool:
    """Say whether the environment names servers of its own; then nothing here is used."""
    named = os.environ if environment is None else environment
    return any(named.get(f"{name}{end}") for name in ("DATABASE_URL", "REDIS_URL") for end in ("", "_FILE"))
