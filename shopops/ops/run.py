"""``make run`` and ``make stop``: set up what is missing, run the whole store, watch it, stop it cleanly."""

import argparse
import contextlib
import fcntl
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Final, NoReturn

from shopops.ops import front, ports, processes
from shopops.ops.children import Child, roles
from shopops.ops.places import ROOT, Places, digest, places, read_json, write_private
from shopops.ops.servers import Servers, given

WATCH: Final = 1.0  # seconds between looks at the processes
SERVERS_EVERY: Final = 5  # looks between two looks at the servers
GRACE: Final = 30.0  # seconds for requests and tasks in work at the end; jobs keep their place in the database
LOOPBACK: Final = "127.0.0.1"
WEB_SECONDS: Final = 60.0
SOURCES: Final = ("shopops", "hr_finance", "products", "visual", "customers", "marketing", "analytics")


class Stopped(SystemExit):
    """Somebody asked the store to stop."""


class Store:
    """A store from set-up to stop."""

    def __init__(self, where: Places) -> None:
        self.places = where
        self.mark = secrets.token_hex(16)
        self.host = os.environ.get("HOST") or LOOPBACK
        self.servers = Servers(where)
        self.children: list[Child] = []
        self.before = read_json(where.run_file)
        self._stopping = False
        self._hurry = False

    def run(self) -> None:
        """Run until somebody asks to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, self._asked)
        try:
            self._start()
            self._watch()
        except Stopped:
            print("\nStopping …", flush=True)
        finally:
            self._stop()

    def _start(self) -> None:
        begun = time.monotonic()
        if front.build():
            print("Built the front-end files.", flush=True)
        self._python("-m", "shopops.ops.messages", "compile")
        processes.end(processes.marked(self.before.get("mark", "-")), grace=5)  # of a killed supervisor
        self.servers.attach()
        self.held = ports.take(self.host, os.environ.get("PORT"), self.before.get("port"))
        self.port = ports.number(self.held)
        self.url = os.environ.get("SITE_URL") or f"http://localhost:{self.port}"
        self.environment = self._environment()
        self._note([])
        self._prepare()
        logins = self._people()
        self.children = [Child(role, self.environment, self.places.log) for role in roles(self.host, self.port)]
        for child in self.children:
            child.start()
        self._await_web()
        self._note(logins)
        self._say(logins, time.monotonic() - begun)

    def _environment(self) -> dict[str, str]:
        own = self.servers.environment() | {"SITE_URL": self.url, processes.MARK: self.mark}
        if self.host != LOOPBACK:
            names = ["localhost", LOOPBACK, self.host, socket.gethostname(), *_addresses()]
            own["ALLOWED_HOSTS"] = ",".join(dict.fromkeys(name for name in names if name != "0.0.0.0"))  # noqa: S104 - compared, not listened on
        return {
            name: value
            for name, value in own.items()
            if name == "SHOPOPS_VAR" or not (os.environ.get(name) or os.environ.get(f"{name}_FILE"))
        }

    def _prepare(self) -> None:
        """Migrate, make the cache table, collect static files: each when its sources changed since the last time."""
        self._once("prepared", [ROOT / "requirements.lock", *_files(*SOURCES)], "Preparing the database …", "migrate")
        if os.environ.get("STATIC_MANIFEST") != "0":
            self._once("collected", _files("static"), "Packing the static files …", "static")

    def _once(self, stamp: str, sources: list[Path], words: str, part: str) -> None:
        wanted = digest(sources, extra=str(self.places.var))
        done = self.servers.folder / stamp
        if done.exists() and done.read_text() == wanted and (part != "static" or (self.places.var / "static").exists()):
            return
        print(words, flush=True)
        self._manage("prepare", part, owner=True)
        done.write_text(wanted)

    def _people(self) -> list[dict[str, str]]:
        """Make the demo store and the log-ins on the first run; later return those that were made."""
        if self.url.startswith("https://"):
            return []
        kept: list[dict[str, str]] = self.before.get("logins", [])
        made = self.servers.folder / "peopled"
        if made.exists() and kept:
            return kept
        demo = any(ROOT.glob("*/management/commands/demo.py"))  # a department's: the platform works without
        if demo and os.environ.get("DEMO") != "0" and not made.exists():
            print("Making the demo store (DEMO=0 starts empty) …", flush=True)
            self._manage("demo", "--size", "small")
        logins: list[dict[str, str]] = json.loads(self._manage("log_ins"))
        made.touch()
        return logins

    def _manage(self, command: str, *arguments: str, owner: bool = False) -> str:
        extra = {"SHOPOPS_DB_OWNER": "1"} if owner else {}
        return self._python(str(ROOT / "manage.py"), command, *arguments, extra=extra)

    def _python(self, *arguments: str, extra: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | getattr(self, "environment", {}) | (extra or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout

    def _await_web(self) -> None:
        web = self.children[0]
        until = time.monotonic() + WEB_SECONDS
        while not self._web_answers():
            if web.mend() or time.monotonic() > until:
                raise SystemExit(f"The web server does not start:\n{web.last_words()}")
            time.sleep(0.05)

    def _web_answers(self) -> bool:
        line = http.client.HTTPConnection(LOOPBACK if self.host == "0.0.0.0" else self.host, self.port, timeout=5)  # noqa: S104 - as above
        try:
            line.request("GET", "/livez", headers={"Host": "localhost"})
            return line.getresponse().status < 500
        except OSError:
            return False
        finally:
            line.close()

    def _note(self, logins: list[dict[str, str]]) -> None:
        pids: dict[str, int | None] = {"supervisor": os.getpid(), **self.servers.pids()}
        pids |= {child.role.name: child.pid for child in self.children}
        body = {
            "url": self.url,
            "port": self.port,
            "logins": logins or self.before.get("logins", []),
            "processes": pids,
            "mark": self.mark,
        }
        self.before = body
        write_private(self.places.run_file, body)

    def _say(self, logins: list[dict[str, str]], seconds: float) -> None:
        lines = [f"\nShopOps runs at {self.url} ({seconds:.0f} s).  Stop: Ctrl-C or make stop.\n"]
        if logins:
            lines.append(f"  {'role':<18}{'user name':<20}password")
            lines += [f"  {who['role']:<18}{who['username']:<20}{who['password']}" for who in logins]
        elif self.url.startswith("https://"):
            lines.append("  First log-in: .venv/bin/python manage.py invite EMAIL --role administrator")
        if self.host != LOOPBACK:
            lines.append(f"  HOST={self.host}: without encryption, others on the network can read along.")
        print("\n".join(lines), flush=True)

    def _watch(self) -> None:
        looks = 0
        while True:
            time.sleep(WATCH)
            looks += 1
            mended = [child.role.name for child in self.children if child.mend()]
            if looks % SERVERS_EVERY == 0:
                mended += self._mend_servers()
            if mended:
                print(f"Started again: {', '.join(mended)} (see {self.places.log}).", flush=True)
                self._note([])

    def _mend_servers(self) -> list[str]:
        ill = [server for server in (self.servers.postgres, self.servers.valkey) if not server.answers()]
        if ill:
            try:
                self.servers.mend()
            except SystemExit as problem:  # say so and go on trying
                print(problem, flush=True)
                return []
        return [type(server).__name__ for server in ill]

    def _asked(self, _number: int, _frame: object) -> None:
        if not self._stopping:
            self._stopping = True
            raise Stopped(0)
        self._hurry = True

    def _stop(self) -> None:
        """Beat first, then workers, then the web, then the servers. A second Ctrl-C kills what still works."""
        self._stopping = True
        for child in reversed(self.children):
            child.ask_to_end()
        until = time.monotonic() + GRACE
        while not self._hurry and time.monotonic() < until and any(child.runs for child in self.children):
            time.sleep(0.05)
        for child in reversed(self.children):
            child.wait(time.monotonic())
        processes.end(processes.marked(self.mark), grace=1)
        self.servers.release()
        if self.before:
            write_private(self.places.run_file, self.before | {"processes": {}})


def _files(*folders: str) -> list[Path]:
    return [p for name in folders for p in (ROOT / name).rglob("*") if p.is_file() and p.suffix != ".pyc"]


def _addresses() -> list[str]:
    with contextlib.suppress(OSError):
        return socket.gethostbyname_ex(socket.gethostname())[2]
    return []


def lock_of(where: Places) -> IO[str] | None:
    """Return the supervisor's lock, or None while another supervisor holds it. The holder's number stands in it."""
    file = (where.run / "supervisor.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def start(where: Places) -> None:
    """Run the store, or say where it runs already."""
    if given():
        raise SystemExit("DATABASE_URL or REDIS_URL is set: start web, worker and beat as README says.")
    where.make()
    lock = lock_of(where)
    if lock is None:
        print(f"ShopOps runs already at {read_json(where.run_file).get('url', '(starting)')}; make stop ends it.")
        return
    with lock:
        Store(where).run()


def stop(where: Places) -> None:
    """Stop the running store and wait for its end; take away what a killed one left."""
    where.make()
    lock = lock_of(where)
    if lock is None:
        number = _holder(where.run / "supervisor.lock")
        if number:
            os.kill(number, signal.SIGTERM)
        with (where.run / "supervisor.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
        print("Stopped.")
        return
    with lock:
        processes.end(processes.marked(read_json(where.run_file).get("mark", "-")), grace=GRACE)
        unused = Servers(where).stop_unused() if where.keys.exists() else True
        print("Nothing runs." if unused else "The store does not run; a command still uses its servers.")


def _holder(path: Path) -> int | None:
    text = path.read_text().strip()
    return int(text) if text.isdigit() else None


def main() -> NoReturn:
    """``python -m shopops.ops.run [--stop]``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stop", action="store_true")
    stop(places()) if parser.parse_args().stop else start(places())
    raise SystemExit(0)


if __name__ == "__main__":
    main()
