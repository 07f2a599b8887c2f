"""``python -m tests.shopops.privacy.whole_store``: forty persons erased from a real store, and looked for everywhere (P16).

A store of its own is started as ``make run`` starts one. People import, search, uncover, write and export by its
pages; forty customers are erased; then a real backup is opened whole and searched, with the logs, the broker's files,
what pages answer and what is exported. Their files are imported again. An older backup is restored, which does the
erasures again. Exit status 1 where one of them is found, or where the search does not find who stayed.
"""

import http.cookiejar
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from shopops.ops.places import ROOT
from tests.kill.storm.imports import configure
from tests.kill.storm.store import SmallStore, until

LISTS: Final = ("/orders/", "/customers/", "/refunds/", "/orders/imports/", "/reveals/", "/privacy/requests/")
WORKED: Final = "('queued', 'running')"


class Browser:
    """Somebody with one of the store's log-ins."""

    def __init__(self, store: SmallStore, role: str) -> None:
        self.url = store.note["url"]
        login = next(item for item in store.note["logins"] if item["role"] == role)
        self.jar = http.cookiejar.CookieJar()
        self.line = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        until(lambda: self._token(), "the log-in page")
        self.send("/account/login/", {"login": login["username"], "password": login["password"]})

    def get(self, path: str, **query: str) -> bytes:
        address = f"{self.url}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        try:
            with self.line.open(
                urllib.request.Request(address, headers={"Accept-Language": "en"}), timeout=60
            ) as answer:
                return answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.read()

    def send(self, path: str, fields: dict[str, str], files: Iterable[tuple[str, str, bytes]] = ()) -> bytes:
        """Send a form as a browser does, with files as (field, name, content)."""
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {**fields, "csrfmiddlewaretoken": self._token()}.items()
        ]
        for field, name, content in files:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
        request = urllib.request.Request(
            f"{self.url}{path}",
            b"".join(parts) + f"--{edge}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "Referer": f"{self.url}/",
                "X-CSRFToken": self._token(),
            },
        )
        try:
            with self.line.open(request, timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.read()

    def _token(self) -> str:
        page = self.get("/account/login/") if not self.jar else self.get("/ui/me/")
        found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        return found[1].decode() if found else ""


class Proof:
    """One store, its people, and what was found where."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, SmallStore(folder)
        self.table: list[tuple[str, str, int, int]] = []

    def begin(self) -> None:
        from products.channels.models import Channel
        from shopops.history.actor import SYSTEM, acting
        from tests.shopops.privacy.people import COUNT, Person
        from tests.shopops.privacy.searching import Needles

        with acting(SYSTEM):
            Channel.objects.create(code="tb", title="Taobao", platform="taobao", currency="CNY")
        self.people, self.stays = [Person(number) for number in range(COUNT)], Person(777)
        self.gone = Needles(text for person in self.people for text in person.texts)
        self.kept = Needles(self.stays.texts)
        self.manager = Browser(self.store, "manager")

    def bring(self, content: bytes, **more: str) -> None:
        """Import a file by the API; wait until workers have done all there is to do."""
        fields = {"channel": "tb", "confirmed": "true", "skip_bad": "true", **more}
        answer = self.manager.send("/api/v1/orders/imports/", fields, [("file", "orders.csv", content)])
        job = json.loads(answer)["job"]
        until(lambda: self.store.sql("SELECT 1 FROM shopops_job WHERE id = %s AND state = 'done'", [job]), "the import")
        until(lambda: not self.store.sql(f"SELECT 1 FROM shopops_job WHERE state IN {WORKED} LIMIT 1"), "the workers")

    def live(self) -> None:
        """Leave traces: two files and refused rows, notes, words with files, uncovered numbers, searches, exports."""
        from tests.shopops.privacy.people import file_of

        everybody = [*self.people, self.stays]
        self.bring(file_of(everybody))
        self.bring(file_of(everybody, extra=" 改"))  # the history knows their former memos
        self.bring(file_of(everybody, paid="十元"))  # rows that are refused and kept
        for person in (self.stays, *self.people[:6]):
            pk = self.store.sql("SELECT id FROM products_order WHERE number = %s", [person.number])[0][0]
            words = {"text": f"{person.message} {person.phone}"}
            self.manager.send(
                f"/records/products_order/{pk}/comment/", words, [("files", "a.csv", person.address.encode())]
            )
            self.manager.send(f"/orders/{pk}/own/", {"note": person.memo, "flag_own": "red", "version": "0"})
            for field in ("name", "phone", "address"):
                self.manager.send(f"/reveals/products_ordercontact/{pk}/{field}/", {"reason": "delivery"})
        self.ask()

    def ask(self) -> dict[str, tuple[bytes, ...]]:
        """Search and export by pages; return what they answered, without what was typed into them."""
        from tests.shopops.privacy.searching import spellings

        found: dict[str, tuple[bytes, ...]] = {"exports": (), "pages and search": ()}
        for path in LISTS:
            found["pages and search"] += (self.manager.get(path, size="100"),)
            found["exports"] += (self.manager.get(path, export="csv"),)
        for person in (self.stays, *self.people[:5]):
            for text in (person.nick, person.phone[-4:], person.message):
                for path in ("/orders/", "/search/"):
                    answer = self.manager.get(path, q=text)
                    for form in spellings(text):
                        answer = answer.replace(form, b"")
                    found["pages and search"] += (answer,)
        return found

    def backup(self, name: str) -> Path:
        command = [sys.executable, "-m", "shopops.ops.backup", "save", str(self.folder / name)]
        subprocess.run(command, cwd=ROOT, env=self.store.surroundings, check=True, capture_output=True)
        return self.folder / name

    def look(self, when: str, backup: Path) -> None:
        """Search everywhere and note place by place how many of the forty's texts, and of the one's who stays, are found."""
        from tests.shopops.privacy.searching import files_below, opened_values, places_of

        asked, var = self.ask(), self.store.places.var
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            places = places_of(backup, Path(folder), self.store.servers.programs)
            places["logs"] = files_below(var / "log", self.store.servers.folder / "log")
            places["broker"] = files_below(self.store.servers.folder / "valkey")
            places["broker"] += tuple(map(opened_values, places["broker"]))
            places["temporary files"] = files_below(var / "tmp")
            for place, blobs in (*places.items(), *asked.items()):
                self.table.append((when, place, len(self.gone.seen(*blobs)), len(self.kept.seen(*blobs))))

    def erase(self) -> None:
        from django.db import connection

        from shopops.accounts.models import User
        from shopops.privacy import erasing
        from shopops.privacy.registry import look_ups

        by = User.objects.get(roles__code="manager")
        for person in self.people:
            ((_words, subject),) = look_ups()["number"].find(person.number)
            erasing.erase(subject, by=by)
        connection.close()

    def restore(self, backup: Path) -> str:
        """Stop, bring the older backup back as `make restore` does, start again."""
        from django.db import connection

        connection.close()
        self.store.stop()
        command = [sys.executable, "-m", "shopops.ops.backup", "restore", str(backup)]
        done = subprocess.run(
            command, cwd=ROOT, env=self.store.surroundings, check=True, capture_output=True, text=True
        )
        self.store.start()
        self.manager = Browser(self.store, "manager")
        return done.stdout

    def run(self) -> list[str]:
        """Run it all; return the faults."""
        from tests.shopops.privacy.people import file_of

        self.live()
        before = self.backup("before.tar")
        self.look("before", before)
        self.erase()
        self.look("erased", self.backup("after.tar"))
        for content in (file_of([*self.people, self.stays]), file_of(self.people, paid="130.00"),
                        file_of(reversed(self.people), paid="110.00")):  # fmt: skip
            self.bring(content)  # the same file, a later one, an older one
        self.look("imported again", self.backup("again.tar"))
        said = self.restore(before)
        print(said.strip().splitlines()[-1], flush=True)
        self.look("older backup restored", self.backup("restored.tar"))
        return self.faults()

    def faults(self) -> list[str]:
        """Say where somebody erased was found, and where the search is blind."""
        found = [
            f"{when}, {place}: {gone} texts" for when, place, gone, _kept in self.table if gone and when != "before"
        ]
        blind = {place for when, place, gone, kept in self.table if when == "before" and gone and kept}
        must = {"the dump", "the dump, opened", "kept files, opened", "pages and search"}
        return found + [
            f"nobody was found in {place} before: the search is blind there" for place in sorted(must - blind)
        ]


def main() -> None:
    """Run the proof in a store of its own and print its table."""
    folder = Path(tempfile.mkdtemp(prefix="so-canaries-"))
    folder.chmod(0o755)
    begun = time.monotonic()
    proof: Any = Proof(folder)
    try:
        proof.store.start()
        configure(proof.store)
        proof.begin()
        faults = proof.run()
    finally:
        proof.store.stop()
        proof.store.servers.stop_unused()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{'':<24}{'place':<24}{'of the 40 erased':>18}{'of who stays':>14}")
    for when, place, gone, kept in proof.table:
        print(f"{when:<24}{place:<24}{gone:>18}{kept:>14}")
    after = sum(gone for when, _place, gone, _kept in proof.table if when != "before")
    print(
        f"40 canaries (240 texts) after erasure: {after} found, {len(faults)} faults ({time.monotonic() - begun:.0f} s)"
    )
    print("\n".join(faults))
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
