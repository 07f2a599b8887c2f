"""S1, R6: the web server as `make run` starts it: its start, its memory, and its pages under thirty staff."""

import http.client
import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from bench import data, stores
from bench.measure import QUICK, Goal, resident_mb, say
from shopops.ops.children import roles
from shopops.ops.places import ROOT

STAFF: Final = 30
THINKING: Final = 3.0  # seconds between two clicks of one person
SECONDS: Final = 20.0 if QUICK else 90.0
STARTS: Final = 1 if QUICK else 3
WAIT: Final = 60.0  # seconds until a start is given up


def goals() -> list[Goal]:
    """Measure the start, then the pages on the larger store."""
    name = data.STORES["10x"]
    say("S1 starts of the web server")
    opened = stores.inside(name, "bench.start:sessions")
    starts = []
    for _number in range(STARTS):
        with _served(name) as (_port, seconds, _process):
            starts.append(seconds)
    with _served(name) as (port, _seconds, process):
        for cookie in opened["cookies"][:8]:  # every worker has seen every page
            for page in opened["pages"]:
                _click(port, page, cookie, opened["cookie"])
        say(f"R6 {STAFF} staff for {SECONDS:.0f} s")
        taken, errors = _storm(port, opened)
        memory = max(resident_mb(pid) for pid in _workers(process.pid))
    return [
        Goal("S1", "start of the web server to its first page", 4, starts),
        Goal("S1-memory", "memory of a web worker that has served all pages", 120, [memory], unit="MB"),
        _load(taken),
        Goal(
            "R6-errors", "answers that were not 200", 0, [errors], unit="", note=f"of {sum(map(len, taken.values()))}"
        ),
    ]


def _load(taken: dict[str, list[float]]) -> Goal:
    every = sorted(value for values in taken.values() for value in values)
    p95 = {page: _quantile(values, 0.95) for page, values in taken.items()}
    slowest = max(p95, key=lambda page: p95[page])
    note = f"median {_quantile(every, 0.5) * 1000:.0f} ms; slowest {slowest} {p95[slowest] * 1000:.0f} ms"
    return Goal(
        "R6",
        f"p95 of ten pages, {STAFF} staff, one click in {THINKING:.0f} s",
        0.3,
        [_quantile(every, 0.95)],
        note=note,
        extra={"clicks": len(every), "p95": {page: round(value, 4) for page, value in p95.items()}},
    )


def _quantile(values: list[float], share: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def _served(name: str) -> Iterator[tuple[int, float, "subprocess.Popen[bytes]"]]:
    """Start the web server on a free port; yield port, seconds to its first page, and process."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    role = roles("127.0.0.1", port)[0]
    settings = stores.environment(name, STATIC_MANIFEST="1", SITE_URL=f"http://localhost:{port}", **role.settings)
    begun = time.perf_counter()
    with (stores.FOLDER / "web.log").open("wb") as log:
        process = subprocess.Popen(role.command, cwd=ROOT, env=settings, stdout=log, stderr=log)
    try:
        while not _answers(port):
            if time.perf_counter() - begun > WAIT or process.poll() is not None:
                raise SystemExit(f"The web server does not start:\n{(stores.FOLDER / 'web.log').read_text()[-3000:]}")
            time.sleep(0.02)
        yield port, time.perf_counter() - begun, process
    finally:
        process.terminate()
        process.wait(WAIT)


def _answers(port: int) -> bool:
    try:
        return _click(port, "/account/login/", "", "")[1] == 200
    except OSError:
        return False


def _workers(parent: int) -> list[int]:
    """Return the processes gunicorn's arbiter started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


def _click(port: int, page: str, cookie: str, name: str, line: Any = None) -> tuple[float, int]:
    """Fetch a page; return seconds and status. A browser keeps its connection: ``line``."""
    own = line or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": "localhost", "Cookie": f"{name.format(port=port)}={cookie}"} if cookie else {"Host": "localhost"}
    begun = time.perf_counter()
    own.request("GET", page, headers=headers)
    answer = own.getresponse()
    answer.read()
    seconds = time.perf_counter() - begun
    if line is None:
        own.close()
    return seconds, answer.status


class _Person:
    """One of the staff: opens a page, reads it, opens another; keeps the connection as a browser does."""

    def __init__(self, number: int, port: int, opened: dict[str, Any]) -> None:
        self.chance = random.Random(number)
        self.cookie, self.name, self.pages, self.port = (
            opened["cookies"][number],
            opened["cookie"],
            opened["pages"],
            port,
        )
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.taken: list[tuple[str, float]] = []
        self.wrong: list[str] = []

    def work(self, until: float) -> None:
        due = time.monotonic() + self.chance.random() * THINKING
        while due < until:
            time.sleep(max(0.0, due - time.monotonic()))
            self.click(self.chance.choice(self.pages))
            due = max(due + THINKING * (0.5 + self.chance.random()), time.monotonic())
        self.line.close()

    def click(self, page: str) -> None:
        try:
            seconds, status = self._opened(page)
        except (OSError, http.client.HTTPException) as problem:
            self.wrong.append(f"{page}: {problem}")
            self.line.close()
            return
        self.taken.append((page, seconds))
        if status != 200:
            self.wrong.append(f"{page}: {status}")

    def _opened(self, page: str) -> tuple[float, int]:
        """Fetch a page; on a kept line that the server has closed meanwhile once more on a new one, as browsers do."""
        begun = time.perf_counter()
        try:
            return _click(self.port, page, self.cookie, self.name, self.line)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.line.close()
            lost = time.perf_counter() - begun
            seconds, status = _click(self.port, page, self.cookie, self.name, self.line)
            return lost + seconds, status


def _storm(port: int, opened: dict[str, Any]) -> tuple[dict[str, list[float]], int]:
    """Let the staff click; return seconds by page and how many answers were wrong."""
    until = time.monotonic() + SECONDS
    people = [_Person(number, port, opened) for number in range(STAFF)]
    threads = [threading.Thread(target=person.work, args=(until,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong = [words for person in people for words in person.wrong]
    if wrong:
        say(f"wrong answers: {'; '.join(wrong[:5])}")
    taken: dict[str, list[float]] = {}
    for person in people:
        for page, seconds in person.taken:
            taken.setdefault(page, []).append(seconds)
    return taken, len(wrong)


# --- inside the program


def sessions() -> dict[str, Any]:
    """Log thirty people in; return their cookies and the ten pages they look at."""
    from django.test import Client

    from bench.pages import _records
    from shopops import clock
    from shopops.accounts.models import User

    from django.conf import settings  # isort: skip

    cookies = []
    for number in range(STAFF):
        client = Client()
        client.force_login(
            User.objects.get(username=f"bench-{number}"), backend="shopops.accounts.backends.StaffBackend"
        )
        cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    records = _records()
    day = clock.today() - timedelta(days=2)
    pages = [
        "/",
        "/planning/",
        "/sales/days/",
        "/orders/",
        "/orders/?tab=to_ship",
        records["order"],
        "/refunds/",
        "/customers/",
        records["customer"],
        f"/reports/{day}/",
    ]
    return {"cookies": cookies, "cookie": "shopops_session_{port}", "pages": pages}
