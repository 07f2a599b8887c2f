"""Run by test_peak_memory: hostile requests (catalogue 3.5), each in a forked process whose peak of memory is read.

    python -m tests.architecture.peaks DATABASE USER ORDER

prints one JSON line for each case: name, status, wanted statuses, KiB the process grew beyond what it was before.
"""

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEGABYTE = 2**20
FORM = "application/x-www-form-urlencoded"


def cases(order: int) -> dict[str, tuple[set[int], dict[str, Any]]]:
    """Return name → (statuses that will do, the request); each body is made before memory is measured."""
    marks, own, bulk = f"/api/v1/orders/{order}/", f"/orders/{order}/own/", "/orders/bulk/flag/"

    def patch(body: bytes, kind: str = "application/json", **more: Any) -> dict[str, Any]:
        return {"method": "PATCH", "path": marks, "data": body, "content_type": kind, **more}

    def post(path: str, body: bytes, kind: str = FORM, **more: Any) -> dict[str, Any]:
        return {"method": "POST", "path": path, "data": body, "content_type": kind, **more}

    def get(path: str, **more: Any) -> dict[str, Any]:
        return {"method": "GET", "path": path, **more}

    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n' % n for n in range(100_000))
    files = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="%d.csv"\r\n\r\na\r\n' % n for n in range(10_000)
    )
    ids = ",".join(map(str, range(1, 10_002)))
    return {
        "84 NUL in JSON": ({400}, patch(b'{"note": "a\\u0000b", "version": 0}')),
        "84 half a character in JSON": ({400}, patch(b'{"note": "\\ud800", "version": 0}')),
        "84 NUL in a form": ({400}, post(own, b"note=a%00b&version=0")),
        "85 nested 100,000 deep": ({400}, patch(b"[" * 100_000)),
        "85 nested a million deep": ({400}, patch(b'{"a":' * 174_000)),
        "86 a key twice": ({400}, patch(b'{"note": "a", "note": "b", "version": 0}')),
        "86 60,000 keys": ({400}, patch(b"{" + b",".join(b'"k%d": 1' % n for n in range(60_000)) + b"}")),
        "87 a list": ({400}, patch(b"[1]")),
        "87 a mark before it": ({400}, patch(b"\xef\xbb\xbf{}")),
        "87 UTF-16": ({400}, patch('{"a": 1}'.encode("utf-16"))),
        "87 bad UTF-8": ({400}, patch(b'{"a": "\xff"}')),
        "87 empty": ({400, 428}, patch(b"")),
        "87 a text of 1 MiB": ({400}, patch(b'{"note": "' + b"a" * (MEGABYTE - 40) + b'", "version": 0}')),
        "87 a number of a million digits": ({400}, patch(b'{"note": ' + b"9" * 1_000_000 + b"}")),
        "88 fields nobody offered": ({400}, patch(b'{"note": "a", "version": 0, "paid": 1, "state": "closed", "id": 1}')),
        "91 an old version": ({409}, patch(b'{"note": "mine", "version": 0}')),
        "92 an unknown order": ({400}, get("/orders/?ordering=user__password")),
        "93 a page of a million": ({200}, get("/orders/?size=1000000")),
        "93 a cursor nested": ({404}, get("/orders/?after=" + "W1tb" * 900)),
        "95 a field 900 times": ({200, 400}, get("/orders/?" + "&".join(["channel=a"] * 900))),
        "96 without its token": ({403}, post(own, b"note=a", strict=True)),
        "97 a foreign host": ({400}, get("/orders/", HTTP_HOST="evil.example")),
        "98 10,001 rows": ({422}, post(bulk, f"rows={ids}&flag=red&count=10001".encode())),
        "98 one row 100 times": ({302}, post(bulk, f"rows={','.join([str(order)] * 100)}&flag=red&count=1".encode())),
        "98 a row of nobody": ({422}, post(bulk, f"rows={order},987654321&flag=red&count=2".encode())),
        "99 10 kB to search": ({200}, get("/orders/?q=" + "%25_%E5%BA%97[a-z]" * 600)),
        "71 a form of 50 MB": ({413}, post("/account/login/", b"a=" + b"x" * (50 * MEGABYTE), stranger=True)),
        "71 JSON of 50 MB": ({400, 413}, patch(b'{"note": "' + b"a" * (50 * MEGABYTE) + b'"}')),
        "71 12,001 fields": ({400}, post(own, b"&".join(b"a%d=" % n for n in range(12_001)))),
        "71 100,000 parts": ({400}, post(own, parts + b"--x--\r\n", "multipart/form-data; boundary=x")),
        "71 10,000 files": ({400}, post(f"/records/products_order/{order}/comment/", files + b"--x--\r\n", "multipart/form-data; boundary=x")),
        "71 a file of 60 MB": ({200, 302, 413, 422}, post(f"/records/products_order/{order}/comment/", _file(60 * MEGABYTE), "multipart/form-data; boundary=x")),
    }  # fmt: skip


def _file(size: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    return head + b"a,b\n" * (size // 4) + b"\r\n--x--\r\n"


def measured(ask: Callable[[], int]) -> dict[str, int]:
    """Ask in a forked process; return its status and by how many KiB its peak passed what it held before."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        before, status = _held("VmRSS"), 0
        try:
            status = ask()
        finally:
            os.write(into, json.dumps({"status": status, "grown": _held("VmHWM") - before}).encode())
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as file:
        told = file.read()
    os.waitpid(child, 0)
    return json.loads(told or b'{"status": 0, "grown": 0}')


def _held(name: str) -> int:
    return int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def main(database: str, user: int, order: int) -> None:
    """Measure every case against the database of a test."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "shopops.settings"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from django.db import connection
    from django.test import Client

    from shopops.accounts.models import User

    clients = {}
    for strict in (False, True):
        clients[strict] = Client(
            enforce_csrf_checks=strict, raise_request_exception=False, headers={"accept-language": "en"}
        )
        clients[strict].force_login(User.objects.get(pk=user), backend="shopops.accounts.backends.StaffBackend")
    for path in ("/orders/", f"/orders/{order}/own/", f"/api/v1/orders/{order}/", "/orders/bulk/flag/", "/nowhere/"):
        clients[False].get(path, HTTP_HOST="localhost")  # what is loaded once is no part of a request
    for name, (wanted, request) in cases(order).items():
        client = (
            Client(raise_request_exception=False)
            if request.pop("stranger", False)
            else clients[request.pop("strict", False)]
        )
        connection.close()
        found = measured(lambda client=client, request=request: _asked(client, **request))
        print(json.dumps({"name": name, "wanted": sorted(wanted), **found}), flush=True)


def _asked(client: Any, *, method: str, path: str, data: bytes = b"", **more: Any) -> int:
    body = {
        "wsgi.input": io.BytesIO(data),
        "CONTENT_LENGTH": str(len(data)),
        "CONTENT_TYPE": more.pop("content_type", ""),
    }
    answer = client.generic(method, path, **{"HTTP_HOST": "localhost", **body, **more})  # read as it comes, not copied
    if answer.streaming:
        for _piece in answer.streaming_content:
            pass
    return int(answer.status_code)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
