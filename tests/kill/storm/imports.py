"""Imports in a real store, killed while they are read, merged, committed, followed.

After each kill the facts are those of before or those of after; the product takes the import up by
itself; then the whole content (``db_hash``) is that of an import nobody disturbed, once; taken back,
it is that of before. What follows the commit (buyers, figures) is a step of its own, so between the
commit and the end the facts are new and the figures are still behind: that is looked at when all is done.
"""

import http.client
import http.cookiejar
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from shopops.ops.places import ROOT
from tests.kill.storm.counting import Found, verdict
from tests.kill.storm.store import (
    UNGUARDED,
    Gate,
    SmallStore,
    Stuck,
    children_of,
    kill,
    share,
    steady,
    until,
)
from tests.kill.storm.targets import Plan, call, hit, plan_of
from tests.kill.storm_imports import FACTS, retail_file

MOMENTS: Final = {  # moment of an import → what is locked so that it stops there
    "claimed": share("shopops_importreject"),  # before the first row is read
    "merging": share("products_orderline"),  # orders are written, lines are not; nothing is committed
    "written": share("products_dirtyday"),  # all is written, nothing is committed
    "committed": share("customers_identity"),  # merged; buyers not yet known
    "figures": share("products_salesday"),  # figures not yet computed
}
TARGETS: Final = (
    *("command", "worker's child", "worker", "pool process", "database -9", "beat"),
    *("worker's child", "command", "database stop", "broker", "group", "web"),
)
WEB: Final = "uploading"
INVOICES: Final = 60
STRETCHES: Final = 4  # of the plan, beside each other: most of the time leases are waited for


class ImportStorm:
    """One file imported again and again in a small store."""

    def __init__(self, store: SmallStore, *, seed: int = 1) -> None:
        self.store = store
        self.found = Found()
        self.chance = random.Random(seed)
        self.content = retail_file(INVOICES)
        self.file = store.places.var / "tmp" / "storm.csv"
        self.file.write_bytes(self.content)
        self.others: list[int] = []
        from products.channels.models import Channel
        from shopops.history.actor import SYSTEM, acting

        with acting(SYSTEM):
            self.channel = Channel.objects.create(code="storm", title="Storm", currency="GBP")
        self.before = self.content_hash()
        gate = Gate(store, MOMENTS["committed"])
        job = self.submit()
        until(lambda: f"job-{job}" in gate.waiting(), "the first import at the gate")
        self.merged = self.facts(self.content_hash())  # orders do not yet know their buyers
        gate.open()
        self.await_done(job)
        self.after = self.content_hash()
        self.new = self.counts(job)["new"]
        assert self.after["all"] != self.before["all"]
        self.take_back(job)
        assert self.content_hash() == self.before, "taking back did not give the store of before"

    @staticmethod
    def content_hash() -> dict[str, str]:
        from analytics.quality.fingerprint import fingerprint

        return steady(fingerprint)

    def facts(self, hashes: dict[str, str]) -> list[str]:
        return [hashes[name] for name in FACTS]

    def submit(self) -> int:
        """Make an import a worker is to do, as a page does."""
        import io

        from products.orders import imports
        from shopops.exchange import uploads

        fresh_line()
        upload = uploads.keep(io.BytesIO(self.content), name="storm.csv", by=None)
        batch = imports.add_batch(upload, self.channel, imports.Options(confirmed=True), by=None)
        return imports.submit(imports.RUN, [batch], by=None).pk

    def newest_job(self) -> int:
        return self.store.sql("SELECT coalesce(max(id), 0) FROM shopops_job WHERE queue = 'imports'")[0][0]

    def state(self, job: int) -> str:
        found = self.store.sql("SELECT state FROM shopops_job WHERE id = %s", [job])
        return found[0][0] if found else ""

    def counts(self, job: int) -> dict[str, Any]:
        return self.store.sql("SELECT counts FROM shopops_importbatch WHERE job_id = %s", [job])[0][0]

    def await_done(self, job: int) -> None:
        until(lambda: self.state(job) in ("done", "failed", "cancelled"), f"import {job} to end")
        if self.state(job) != "done":
            raise Stuck(f"import {job}: {self.store.sql('SELECT state, error FROM shopops_job WHERE id = %s', [job])}")

    def take_back(self, job: int) -> None:
        from products.orders import undoing
        from products.orders.following import follow
        from shopops.exchange.models import ImportBatch
        from shopops.history.actor import SYSTEM

        fresh_line()
        batch = ImportBatch.objects.get(job=job)
        undoing.undo(batch.pk, by=SYSTEM)
        follow([batch.pk], None)

    # --- one kill

    def strike(self, target: str, moment: str) -> None:
        """Begin an import, stop it at ``moment``, kill ``target`` there, see what is left and what becomes of it."""
        name = f"{target}, {moment}, kill {self.found.effective + 1}"
        begun = time.monotonic()
        try:
            if target == "web":
                self._strike_web(name)
            else:
                self._strike(target, moment, name)
        except Stuck as stuck:
            self.found.lost.append(f"{name}: {stuck}")
        print(f"imports: {name} ({time.monotonic() - begun:.0f} s){self.found.faults}", flush=True)

    def _strike(self, target: str, moment: str, name: str) -> None:
        gate = Gate(self.store, MOMENTS[moment])
        command = None
        try:
            if target == "command":
                job, command = self._run_command()
                who = "command"
            else:
                job = self.submit()
                who = f"job-{job}"
            until(lambda: who in gate.waiting() or self.state(job) in ("done", "failed"), f"{who} at the gate")
            effective = who in gate.waiting() and self.state(job) == "running"
            if command is not None:
                command.kill()
                command.wait()
            else:
                hit(self.store, target, job, "worker-imports")
            (self.found.kills if effective else self.found.missed)[target, moment] += 1
            look = self.store.revive if target == "group" else call
            left = look(lambda: self.facts(self.content_hash()))
        finally:
            gate.open()
        committed = moment in ("committed", "figures")
        if left not in ([self.merged, self.facts(self.after)] if committed else [self.facts(self.before)]):
            self.found.between.append(f"{name}: right after")
        self._see_what_becomes_of(job, name)

    def _run_command(self) -> tuple[int, subprocess.Popen[bytes]]:
        last = self.newest_job()
        command = subprocess.Popen(
            [sys.executable, "manage.py", "import_orders", str(self.file), "--channel", "storm"],
            cwd=ROOT,
            env=self.store.surroundings | {"SHOPOPS_PROCESS": "command"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return until(lambda: self.newest_job() if self.newest_job() > last else 0, "the command's job"), command

    def _see_what_becomes_of(self, job: int, name: str) -> None:
        self.await_done(job)
        if self.content_hash() != self.after:
            self.found.between.append(f"{name}: when done")
        if self.counts(job)["new"] != self.new:
            self.found.doubled.append(f"{name}: merged again, {self.counts(job)}")
        self.take_back(job)
        if self.content_hash() != self.before:
            self.found.between.append(f"{name}: taken back")

    # --- the web process, killed with an upload in its hands

    def _strike_web(self, name: str) -> None:
        last = self.newest_job()
        visitor = Visitor(self.store)
        gate = Gate(self.store, share("shopops_job"))
        answers: list[int] = []
        sending = threading.Thread(target=lambda: answers.append(visitor.send(self.content)))
        try:
            sending.start()
            until(lambda: "web" in gate.waiting() or answers, "the upload at the gate")
            effective = "web" in gate.waiting()
            kill(children_of(self.store.pid("web")))
            left = self.content_hash()
        finally:
            gate.open()
        sending.join()
        (self.found.kills if effective else self.found.missed)["web", WEB] += 1
        if left != self.before:
            self.found.between.append(f"{name}: right after")
        if answers != [0] or self.newest_job() != last:
            self.found.doubled.append(f"{name}: answered {answers}, a job was left")
        until(lambda: visitor.send(self.content) == 202, "the second upload")  # the person sends it again
        self._see_what_becomes_of(self.newest_job(), name)

    # --- a worker that was only stopped, and comes back when another has its work

    def stop_beyond_lease(self) -> None:
        """Stop the child with everything written; when another waits to do its work, let it go on."""
        gate = Gate(self.store, MOMENTS["written"])
        try:
            job = self.submit()
            until(lambda: f"job-{job}" in gate.waiting(), "the import at the gate")
            sleeper = until(lambda: self.store.job_pids(job), "the child")[0]
            os.kill(sleeper, signal.SIGSTOP)
        finally:
            gate.open()
        waits = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event = 'advisory'"
        until(lambda: self.store.sql(waits, [f"job-{job}"]), "another worker at the same import")
        os.kill(sleeper, signal.SIGCONT)
        self.await_done(job)
        if self.counts(job)["new"] != self.new:
            self.found.doubled.append(f"stopped beyond its lease: merged again, {self.counts(job)}")
        if self.content_hash() != self.after:
            self.found.between.append("stopped beyond its lease")
        self.take_back(job)

    def stop_often(self) -> None:
        """Stop three workers beyond their leases, and say how many wrote nothing when they came back."""
        quiet = 0
        for _time in range(3):
            before = self.found.faults
            try:
                self.stop_beyond_lease()
            except Stuck as stuck:
                self.found.lost.append(f"stopped beyond its lease: {stuck}")
            quiet += self.found.faults == before
        self.found.checks["stopped beyond the lease, continued beside another"] = f"{quiet} of 3 wrote nothing"

    # --- the controls

    def controls(self) -> None:
        """Take each guard away, and see that the same storm finds what it must; the store is spoilt afterwards."""
        self.found, kept = Found(), self.found
        self._restart_without("import fence")
        with suppress(Stuck):
            self.stop_beyond_lease()
        kept.controls["the claim's fence"] = verdict(self.found.doubled, "imports merged twice")
        self._restart_without("sweeper")
        kept.controls["the sweeper"] = verdict(self._left_alone(), "killed imports lost")
        self.found = Found()
        self._restart_without("import transaction")
        with suppress(Stuck):
            self._half()
        kept.controls["the one transaction"] = verdict(self.found.between, "half imports")
        self.found = kept

    def _restart_without(self, guard: str) -> None:
        self.store.stop()
        self.store.start(STORM_WITHOUT=guard, PYTHONPATH=str(UNGUARDED))

    def _left_alone(self) -> list[str]:
        """Kill a child; say whether its job is still open when its lease has ended and beat has looked five times."""
        gate = Gate(self.store, MOMENTS["claimed"])
        try:
            job = self.submit()
            until(lambda: f"job-{job}" in gate.waiting(), "the import at the gate")
            kill(self.store.job_pids(job))
        finally:
            gate.open()
        ended = "SELECT 1 FROM shopops_job j, shopops_tick t WHERE j.id = %s AND t.name = 'beat' AND t.at > j.lease_until + interval '5 s'"
        with suppress(Stuck):
            until(lambda: self.store.sql(ended, [job]) or self.state(job) == "done", "the lease to end", seconds=60)
        return [f"job {job}"] if self.state(job) == "running" else []

    def _half(self) -> None:
        gate = Gate(self.store, MOMENTS["merging"])
        before = self.content_hash()
        self.content = retail_file(INVOICES, seed=2)
        try:
            job = self.submit()
            until(lambda: f"job-{job}" in gate.waiting(), "the import at the gate")
            kill(self.store.job_pids(job))
            left = self.content_hash()
        finally:
            gate.open()
        merged = self.store.sql("SELECT merged_at FROM shopops_importbatch WHERE job_id = %s", [job])[0][0]
        if merged is None and self.facts(left) != self.facts(before):
            self.found.between.append("facts changed, import not merged")


def fresh_line() -> None:
    """Connect anew: the database may have been killed since the last use."""
    from django.db import connection

    connection.close()
    steady(connection.ensure_connection)


class Visitor:
    """Somebody who imports by the API with the log-in of the store's planner."""

    def __init__(self, store: SmallStore) -> None:
        self.url = store.note["url"]
        login = next(login for login in store.note["logins"] if login["role"] == "planner")
        self.jar = http.cookiejar.CookieJar()
        self.line = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        page = until(lambda: self._get("/account/login/"), "the log-in page")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        body = urllib.parse.urlencode(
            {"login": login["username"], "password": login["password"], "csrfmiddlewaretoken": token}
        ).encode()
        with self.line.open(f"{self.url}/account/login/", body, timeout=60) as answer:
            assert "login" not in answer.url, "not logged in"

    def _get(self, path: str) -> str:
        try:
            with self.line.open(f"{self.url}{path}", timeout=60) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def send(self, content: bytes) -> int:
        """Upload the file; return the status, 0 when the line broke."""
        edge = uuid.uuid4().hex
        parts = f'--{edge}\r\nContent-Disposition: form-data; name="channel"\r\n\r\nstorm\r\n'
        parts += f'--{edge}\r\nContent-Disposition: form-data; name="confirmed"\r\n\r\ntrue\r\n'
        parts += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="storm.csv"\r\n'
        body = f"{parts}Content-Type: text/csv\r\n\r\n".encode() + content + f"\r\n--{edge}--\r\n".encode()
        token = next(cookie.value for cookie in self.jar if "csrf" in cookie.name)
        request = urllib.request.Request(
            f"{self.url}/api/v1/orders/imports/",
            body,
            {"Content-Type": f"multipart/form-data; boundary={edge}", "X-CSRFToken": token},
        )
        try:
            with self.line.open(request, timeout=60) as answer:
                json.loads(answer.read())
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except (OSError, http.client.HTTPException):
            return 0


def parts(kills: int) -> dict[str, tuple[Plan, tuple[str, ...]]]:
    """Return the storm's parts, each for a store of its own: the kills of each, and what is done after them."""
    plan = plan_of(kills, TARGETS, tuple(MOMENTS))
    stretch = -(-kills // STRETCHES)
    struck = {f"kills {n + 1}": (plan[n * stretch : (n + 1) * stretch], ()) for n in range(STRETCHES)}
    return {**struck, "stopped": ([], ("stop_often",)), "controls": ([], ("controls",)), "small": (_small_plan(), ())}


def run(folder: Path, plan: Plan, then: tuple[str, ...]) -> Found:
    """Run one part of the storm of imports in a store of its own."""
    store = SmallStore(folder)
    try:
        store.start()
        configure(store)
        storm = ImportStorm(store)
        for target, moment in plan:
            storm.strike(target, moment)
        for step in then:
            getattr(storm, step)()
        return storm.found
    finally:
        store.stop()
        store.servers.stop_unused()


def _small_plan() -> Plan:
    return [
        ("worker's child", "written"),
        ("command", "merging"),
        ("database -9", "committed"),
        ("worker", "claimed"),
    ]


def configure(store: SmallStore) -> None:
    """Let this process work on the store."""
    os.environ.update({**store.servers.environment(), "STATIC_MANIFEST": "0"})
    os.environ.pop("SHOPOPS_DB_OWNER", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "shopops.settings"
    import django

    django.setup()
