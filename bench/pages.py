"""R1 … R4, R6, E1, S1: pages by the HTTP client, at one and ten times the data; exports; the start of the web server."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

import xlsxwriter
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.measure import ROOT, Result, compare, quick, seconds
from products.orders.models import Order
from products.orders.queries import OrderQuerySet
from shopops.accounts.models import Role, User
from shopops.history.actor import SYSTEM, acting

STAFF: Final = 30
PAUSE: Final = 3.0  # seconds between one person's clicks
EXPORTED: Final = 100_000
TEXTS: Final = {
    "number": "B000001",
    "number, none": "ZZZ",
    "last four": "1234",
    "two characters": "买家",
    "two, none": "鑫鑫",
}


def manager() -> User:
    """Return the log-in the benches look with."""
    user = User.objects.filter(username="bench").first()
    if user is None:
        with acting(SYSTEM):
            user = User(username="bench", full_name="Bench", language="en")
            user.set_unusable_password()
            user.save()
            user.roles.set(Role.objects.filter(code="manager"))
    return user


def client() -> Client:
    browser = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    browser.force_login(manager(), backend="shopops.accounts.backends.StaffBackend")
    return browser


def page(browser: Client, url: str) -> Any:  # noqa: ANN401
    """Open a page. Raises RuntimeError where it is not shown."""
    answer = browser.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url}: {answer.status_code}")
    return answer


def quickest(work: Callable[[], object]) -> float:
    work()
    return min(seconds(work) for _turn in range(5))


def addresses() -> list[str]:
    """Return the ten main pages."""
    order = Order.objects.order_by("-created_at").first()
    names = (
        "orders:list",
        "refunds:list",
        "catalogue:items",
        "channels:list",
        "value:list",
        "orders:imports",
        "reports:list",
        "metrics:dictionary",
    )
    return [reverse("dashboard:start"), *map(reverse, names), reverse("orders:order", args=[order.pk])]


def depth(browser: Client) -> str:
    """Return the address of the order list's page at nine tenths of its depth."""
    count = Order.objects.count()
    at = Order.objects.order_by("created_at", "id").values_list("created_at", flat=True)[count // 10]
    return f"{reverse('orders:list')}?created_to={at.date()}"


def measure() -> dict[str, float]:
    """Time what grows or must not, on the store that is there."""
    browser = client()
    orders = reverse("orders:list")
    found = {
        "dashboard": quickest(lambda: page(browser, reverse("dashboard:start"))),
        "list": quickest(lambda: page(browser, orders)),
        "deep": quickest(lambda: page(browser, depth(browser))),
    }
    return found | {
        f"search {name}": quickest(lambda text=text: page(browser, f"{orders}?q={text}"))
        for name, text in TEXTS.items()
    }


def lists() -> Iterator[Result]:
    """R4: a list page against its bare SQL, and its queries."""
    browser, orders = client(), reverse("orders:list")
    rows: OrderQuerySet = Order.objects.visible_to(manager()).for_list()
    limit = quickest(lambda: list(rows[:26]))
    yield Result("R4", "order list of 25 ÷ its bare SQL", limit, quickest(lambda: page(browser, orders)), 20)
    counts = {}
    for size in (25, 100):
        with CaptureQueriesContext(connection) as queries:
            page(browser, f"{orders}?size={size}")
        counts[size] = len(queries)
    yield Result(
        "R4q",
        f"its queries (25 rows: {counts[25]}, 100 rows: {counts[100]})",
        12,
        float(max(counts.values())),
        1,
        unit="queries",
        n=1,
    )
    yield Result("R4e", "queries of 100 rows ÷ of 25", counts[25], counts[100], 1, unit="queries", n=1)


def exports() -> Iterator[Result]:
    """E1: the order list as files against COPY TO and bare xlsxwriter."""
    browser, orders = client(), reverse("orders:list")
    at = Order.objects.order_by("-created_at").values_list("created_at", flat=True)[
        min(EXPORTED, Order.objects.count()) - 1
    ]
    query = f"{orders}?created_from={at.date()}"
    count = Order.objects.filter(created_at__date__gte=at.date()).count()

    def copy() -> None:
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"COPY (SELECT * FROM products_order ORDER BY created_at DESC LIMIT {count}) TO STDOUT WITH (FORMAT csv)",
                StringIO(),
            )

    def drain(kind: str) -> None:
        answer = page(browser, f"{query}&export={kind}")
        for _piece in answer.streaming_content:
            pass

    def bare() -> None:
        book = xlsxwriter.Workbook(BytesIO(), {"constant_memory": True})
        sheet = book.add_worksheet()
        for number in range(count):
            sheet.write_row(
                number, 0, [f"B{number:09}", "finished", "买家", 129.9, 129.9, 2, "浙江省", "2026-03-24 14:30", "", ""]
            )
        book.close()

    yield compare("E1", f"CSV of {count} orders ÷ COPY TO", 6, copy, lambda: drain("csv"))
    yield compare("E1x", "XLSX of them ÷ bare xlsxwriter", 1.6, bare, lambda: drain("xlsx"))


class Web:
    """The web server as a store starts it, on a free port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "shopops.wsgi:application",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--worker-class",
            "gthread",
            "--threads",
            "4",
            "--reuse-port",
            "--no-control-socket",
            "--log-level",
            "error",
        ]
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"SHOPOPS_DB_OWNER": "0"})

    def get(self, path: str, cookie: str = "") -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": cookie, "Host": "localhost"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            body: bytes = answer.read()
            return body

    def wait(self) -> float:
        """Return the seconds until the first page came."""
        while True:
            try:
                self.get("/account/login/")
                return time.perf_counter() - self.begun
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("the web server ended") from None
                time.sleep(0.02)

    def memory(self) -> float:
        """Return the largest resident memory of its workers in MB."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        sizes = [
            int(line.split()[1]) / 1024
            for pid in children
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        ]
        return max(sizes)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def served() -> Iterator[Result]:
    """S1 and R6: start, memory, and thirty people clicking every three seconds."""
    web = Web()
    try:
        yield Result("S1", "start to first page", 4, web.wait(), 1, n=1)
        name = settings.SESSION_COOKIE_NAME
        cookie = f"{name}={client().cookies[name].value}"
        times, errors = crowd(web, cookie, 20 if quick() else 60)
        yield Result(
            "R6", f"p95 of ten pages, {STAFF} people, {len(times)} clicks", 0.3, quantiles(times, n=20)[18], 1, n=1
        )
        yield Result("R6e", "errors among them", 1, float(errors), 0, unit="errors", n=1)
        yield Result("S1m", "web worker's memory (MB)", 120, web.memory(), 1, unit="MB", n=1)
    finally:
        web.stop()


def crowd(web: Web, cookie: str, duration: float) -> tuple[list[float], int]:
    """Let STAFF people click for ``duration`` seconds; return the times of their pages and the errors."""
    paths, times, errors = addresses(), [], []
    until = time.monotonic() + duration

    def person(number: int) -> None:
        time.sleep(PAUSE * number / STAFF)
        click = number
        while time.monotonic() < until:
            begun = time.perf_counter()
            try:
                web.get(paths[click % len(paths)], cookie)
            except OSError as error:
                errors.append(error)
            took = time.perf_counter() - begun
            times.append(took)
            click += 1
            time.sleep(max(0.0, PAUSE - took))

    people = [threading.Thread(target=person, args=(number,)) for number in range(STAFF)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    return times, len(errors)


def run(sizes: Any) -> Iterator[Result]:  # noqa: ANN401
    found = {}
    for name, _days in sizes.each():
        found[name] = measure()
    one, ten = found["1x"], found["10x"]
    yield Result("R1", "dashboard, ten times the data", one["dashboard"], ten["dashboard"], 1.3)
    yield Result("R2", "order list at 90 % depth ÷ first page", ten["list"], ten["deep"], 1.5)
    yield Result("R2g", "order list, ten times the data", one["list"], ten["list"], 1.3)
    for name in TEXTS:
        yield Result("R3", f"search {name}, ten times the data", one[f"search {name}"], ten[f"search {name}"], 2.5)
    yield from lists()
    with TemporaryDirectory():
        yield from exports()
    yield from served()
