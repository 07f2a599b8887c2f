"""Nightly reports in a real store with two beats, killed while they are made (promise P7).

Every store day has one report with one revision, whatever was killed when; the clock is moved by the
product's own setting. The facts (``db_hash``) stay what they were all the time.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from shopops.ops.places import ROOT
from tests.kill.storm.counting import Found, verdict
from tests.kill.storm.store import PATIENCE, UNGUARDED, Gate, SmallStore, Stuck, kill, share, until
from tests.kill.storm.targets import Plan, call, hit, plan_of

DUE: Final = "SELECT 1 FROM analytics_report WHERE state = 'due' FOR UPDATE"
MOMENTS: Final = {  # moment of a making → what is locked so that it stops there
    "claimed": DUE,  # the job is taken, nothing is read
    "gathered": share("analytics_revision"),  # figures are computed, nothing is written
    "written": "LOCK TABLE analytics_subscription IN ACCESS EXCLUSIVE MODE",  # the revision is written, nothing is committed
    "committed": "LOCK TABLE analytics_mailing IN ACCESS EXCLUSIVE MODE",  # made; the job is not yet ended
}
TARGETS: Final = (
    *("worker's child", "worker", "database -9", "beat", "pool process", "worker's child"),
    *("database stop", "broker", "group"),
)
CONTROLS: Final = {  # guard → what it is, and the moment at which its absence shows
    "report uniqueness": ("uniqueness (the look, the key)", "committed"),
    "report fence": ("claim, fence, uniqueness and one moment", "gathered"),
    "report transaction": ("the one transaction", "written"),
}
DAY: Final = 86_400  # seconds
DAYS_A_KILL: Final = 3
STRETCHES: Final = 3  # of the plan, beside each other
BEYOND_TRY_AGAIN: Final = 7200  # seconds; a night whose worker was lost too often is tried again after one hour


class ReportStorm:
    """Nights owed in a small store, made by its own workers while they are killed."""

    def __init__(self, store: SmallStore, *, days: int) -> None:
        self.store = store
        self.found = Found()
        self.shift = 0
        self.first = (datetime.now(UTC) - timedelta(days=days)).date()
        store.start(REPORTS_FROM="2999-01-01")  # nothing is owed yet
        self._sell()
        self.facts = self.content_hash()
        self.restart()
        until(self.open_jobs, "the first nights to be owed")

    def restart(self, **more: str) -> None:
        """Start the store again with other settings, and a second beat beside it."""
        self.store.stop()
        self.more = {"REPORTS_FROM": self.first.isoformat(), "CLOCK_SHIFT_SECONDS": str(self.shift)} | more
        self.store.start(**self.more)
        self.store.start_second_beat()

    def _sell(self) -> None:
        """Give each day a roll-up whose money differs; the channel has data beyond every night of the storm."""
        self.store.sql(
            "INSERT INTO products_channel (code, title, platform, shop_names, currency, time_zone, sells_daily, closed_weekdays,"
            " ship_hours, is_active, is_demo, created_at, updated_at, data_from, data_through) VALUES"
            " ('tmall', 'Tmall', 'taobao', '{}', 'CNY', 'Asia/Shanghai', true, '{}', 48, true, false, now(), now(), %s,"
            " now() + interval '90 days')",
            [self.first],
        )
        self.store.sql(
            "INSERT INTO products_salesday (channel_id, day, basis, orders, created, unpaid, payable, paid, goods_paid, goods_pieces,"
            " pieces, known_orders, known_paid, buyers, refunds, refund_count, refunds_without_order, refunds_of_orders,"
            " refunded_orders, unknown_paid, unknown_pieces)"
            " SELECT c.id, d::date, 'paid', 1, 1, 0, n, n, n, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
            " FROM products_channel c, generate_series(%s::date, %s::date + 800, '1 day') WITH ORDINALITY AS s (d, n)",
            [self.first, self.first],
        )

    def content_hash(self) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", "db_hash"],
            cwd=ROOT,
            env=self.store.surroundings,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    # --- what is there

    def last_night(self) -> date:
        """Return the last day that owes a report by the store's clock."""
        query = "SELECT ((now() + make_interval(secs => %s)) AT TIME ZONE 'Asia/Shanghai')::date - 1"
        return self.store.sql(query, [self.shift])[0][0]

    def owed(self) -> int:
        """Return how many nights up to yesterday have no report made."""
        query = (
            "SELECT count(*) FROM generate_series(%s::date, %s::date, '1 day') d WHERE NOT EXISTS"
            " (SELECT FROM analytics_report r JOIN analytics_revision v ON v.report_id = r.id WHERE r.day = d::date AND r.state = 'made')"
        )
        return self.store.sql(query, [self.first, self.last_night()])[0][0]

    def more_than_once(self) -> list[str]:
        """Return the days with more than one report or revision."""
        query = (
            "SELECT r.day, count(*) FROM analytics_report r JOIN analytics_revision v ON v.report_id = r.id"
            " GROUP BY r.day HAVING count(*) > 1"
        )
        return [f"{day}: {number} revisions" for day, number in self.store.sql(query)]

    def halves(self) -> list[str]:
        """Return the days that are made without a revision, or have one and are not made."""
        query = (
            "SELECT r.day FROM analytics_report r WHERE (r.state = 'made') <>"
            " EXISTS (SELECT FROM analytics_revision v WHERE v.report_id = r.id)"
        )
        return [str(day) for (day,) in self.store.sql(query)]

    def open_jobs(self) -> int:
        query = "SELECT count(*) FROM shopops_job WHERE queue = 'reports' AND state <> 'done'"
        return self.store.sql(query)[0][0]

    def await_all(self) -> None:
        """Wait until every night is made and no job is open; what is not by then is lost."""
        try:
            until(lambda: not self.owed() and not self.open_jobs(), "all nights to be made", seconds=600)
        except Stuck:
            jobs = "SELECT key, state, attempts, error FROM shopops_job WHERE queue = 'reports' AND state <> 'done'"
            self.found.lost += [f"{self.owed()} nights not made; open: {self.store.sql(jobs)}"]

    def try_again(self) -> None:
        """Let the nights in work end, then move the clock on beyond the pause after a making that was given up."""
        working = "SELECT count(*) FROM shopops_job WHERE queue = 'reports' AND state IN ('queued', 'running')"
        with suppress(Stuck):
            until(lambda: not self.store.sql(working)[0][0], "the nights in work to end")
        [(given_up,)] = self.store.sql("SELECT count(*) FROM shopops_job WHERE queue = 'reports' AND state = 'failed'")
        self.found.checks["nights given up after five lost workers, tried again an hour later"] = str(given_up)
        self.shift += BEYOND_TRY_AGAIN
        self.restart()

    # --- one kill

    def strike(self, target: str, moment: str) -> None:
        """Stop a making at ``moment``, kill ``target`` there, and look."""
        name = f"{target}, {moment}, kill {self.found.effective + 1}"
        begun = time.monotonic()
        try:
            job, gate = self._hold(moment)
        except Stuck:
            self.found.missed[target, moment] += 1
            return
        try:
            hit(self.store, target, job, "worker-reports")
            self.found.kills[target, moment] += 1
            look = self.store.revive if target == "group" else call
            self.found.between += [f"{name}: {day}" for day in look(self.halves)]
        finally:
            gate.open()
        if target == "group":
            self.store.start_second_beat()
        print(f"reports: {name} ({time.monotonic() - begun:.0f} s){self.found.faults}", flush=True)

    def _hold(self, moment: str, *, seconds: float = 90) -> tuple[int, Gate]:
        gate = Gate(self.store, MOMENTS[moment])
        try:
            return until(lambda: self._arrived(gate), "a making at the gate", seconds=seconds), gate
        except Stuck:
            gate.open()
            raise

    def _arrived(self, gate: Gate) -> int:
        for name in gate.waiting():
            kind, _dash, number = name.partition("-")
            if kind == "job" and number.isdigit() and self.store.job_pids(int(number)):
                running = "SELECT 1 FROM shopops_job WHERE id = %s AND state = 'running' AND queue = 'reports'"
                if self.store.sql(running, [number]):
                    return int(number)
        return 0

    # --- afterwards

    def measure(self) -> None:
        """Move the clock on until given-up nights are tried again; count what is missing and doubled; compare the sums."""
        self.try_again()
        self.await_all()
        self.found.doubled += self.more_than_once()
        self.found.between += self.halves()
        if self.content_hash() != self.facts:
            self.found.between.append("db_hash: the facts changed")
        told = "SELECT sum((v.figures #>> '{sections,headline,0,rows,0,value}')::numeric) FROM analytics_revision v"
        sold = "SELECT sum(paid) FROM products_salesday WHERE day BETWEEN %s AND %s"
        last = self.last_night()
        [(reported,)], [(paid,)] = self.store.sql(told), self.store.sql(sold, [self.first, last])
        if reported != paid:
            self.found.between.append(f"sum of reports {reported}, of days {paid}")
        nights = (last - self.first).days + 1
        self.found.checks["nights owed, made once each"] = (
            f"{nights}, {nights - self.owed()}; sum of reports = sum of days: {paid}"
        )
        beats = self.store.second_beat is not None and self.store.second_beat.poll() is None
        self.found.checks["two beats"] = "both ran all the time" if beats else "THE SECOND ENDED"

    def nine_nights_later(self) -> None:
        """Move the clock on by nine days: nine nights, once each, told to a subscriber in one mail."""
        owner = "SELECT id FROM shopops_user ORDER BY id LIMIT 1"
        [(person,)] = self.store.sql(owner)
        self.store.sql("UPDATE shopops_user SET email = 'manager@example.com' WHERE id = %s", [person])
        self.store.sql("INSERT INTO analytics_subscription (user_id, created_at) VALUES (%s, now())", [person])
        before = self.revisions()
        self.shift += 9 * DAY
        self.restart()
        self.await_all()
        waiting = "SELECT count(*) FROM analytics_mailing WHERE state <> 'sent'"
        with suppress(Stuck):
            until(lambda: not self.store.sql(waiting)[0][0], "the mail to be sent")
        [(mails,)] = self.store.sql("SELECT count(*) FROM shopops_mail")
        [(told,)] = self.store.sql("SELECT count(*) FROM analytics_mailing WHERE state = 'sent'")
        new = self.revisions() - before
        self.found.checks["clock +9 days"] = f"{new} nights made, {told} told in {mails} mail"
        if (new, told, mails) != (9, 9, 1):
            self.found.doubled.append(f"clock +9 days: {new} revisions, {told} told, {mails} mails; expected 9, 9, 1")

    def two_hours_back(self) -> None:
        """Kill everything in the middle of a night's making and start with the clock two hours back."""
        before = self.revisions()
        self.shift += DAY
        last = self.last_night()
        self.store.servers.attach()  # the database stays, with the gate, while the store starts
        gate = Gate(self.store, MOMENTS["gathered"])
        self.restart()
        until(lambda: self._arrived(gate), "the night at the gate")
        self.store.kill_everything()
        gate.open()
        self.store.servers.release()
        self.found.kills["group", "gathered"] += 1
        self.shift -= 7200
        self.store.start(**self.more | {"CLOCK_SHIFT_SECONDS": str(self.shift)})
        self.store.start_second_beat()
        made = "SELECT count(*) FROM analytics_report WHERE day = %s AND state = 'made'"
        with suppress(Stuck):
            until(lambda: self.store.sql(made, [last])[0][0], "the night to be made")
        self.await_all()
        new = self.revisions() - before
        self.found.checks["clock −2 h, a making cut"] = f"{new} night made, none made again"
        if new != 1:
            self.found.doubled.append(f"clock −2 h: {new} revisions where 1 was owed")

    def count_doubled(self) -> None:
        self.found.doubled += self.more_than_once()

    def revisions(self) -> int:
        return self.store.sql("SELECT count(*) FROM analytics_revision")[0][0]

    # --- the controls

    def phase(self, step: Callable[[], None], name: str) -> None:
        """Do a part of the storm; what does not happen in time is lost, not the rest of the storm."""
        begun = time.monotonic()
        try:
            step()
        except Stuck as stuck:
            self.found.lost.append(f"{name}: {stuck}")
        print(f"reports: {name} ({time.monotonic() - begun:.0f} s) {self.found.checks}", flush=True)

    def controls(self) -> None:
        """Take each guard away; the same kills must now double or halve."""
        kept, self.found = self.found, Found()
        self.store.sql("ALTER TABLE analytics_revision DROP CONSTRAINT IF EXISTS revision_once")
        for guard, (words, moment) in CONTROLS.items():
            self.await_all()  # so that the night to come is the only one owed
            fault = self.halves if moment == "written" else self.more_than_once
            before = set(fault())
            with suppress(Stuck):
                self._one_night(guard, moment)
                until(lambda look=fault, seen=before: set(look()) - seen, "a fault", seconds=120)
            found = sorted(set(fault()) - before)
            kept.controls[words] = verdict(found, "half nights" if moment == "written" else "doubled nights")
        self.found = kept

    def _one_night(self, guard: str, moment: str) -> None:
        """Owe one night with ``guard`` taken away; hold its making at ``moment`` and do there what must spoil it.

        The gate is closed before the workers start, so both pool processes are free for this one night: without a
        claim the second takes the same job at the next sweep. For that the first waits as long as it takes.
        """
        settings = {"STORM_WITHOUT": guard, "PYTHONPATH": str(UNGUARDED)}
        if guard == "report fence":
            settings["LOCK_TIMEOUT_MS"] = str(int(PATIENCE * 1000))
        self.shift += DAY
        self.store.servers.attach()  # the database stays, with the gate, while the store starts
        try:
            gate = Gate(self.store, MOMENTS[moment])
            try:
                self.restart(**settings)
                job = until(lambda: self._arrived(gate), "the night at the gate")
                if guard == "report fence":
                    until(lambda: self._hands(job) > 1, "a second worker at the same night")
                else:
                    kill(self.store.job_pids(job))
            finally:
                gate.open()
        finally:
            self.store.servers.release()

    def _hands(self, job: int) -> int:
        """Return how many sessions of a job wait for a lock: the gate, or what who waits there has locked."""
        waits = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
        return self.store.sql(waits, [f"job-{job}"])[0][0]


def parts(kills: int) -> dict[str, tuple[Plan, tuple[str, ...]]]:
    """Return the storm's parts, each for a store of its own: the kills of each, and what is done after them."""
    plan = plan_of(kills, TARGETS, tuple(MOMENTS))
    struck = {f"kills {n + 1}": (plan[n::STRETCHES], ("measure",)) for n in range(STRETCHES)}
    clock = ("measure", "nine_nights_later", "two_hours_back", "count_doubled")
    return {**struck, "clock": ([], clock), "controls": ([], ("controls",)), "small": (_small_plan(), ("measure",))}


def run(folder: Path, plan: Plan, then: tuple[str, ...]) -> Found:
    """Run one part of the storm of reports in a store of its own."""
    store = SmallStore(folder)
    try:
        storm = ReportStorm(store, days=len(plan) * DAYS_A_KILL + 10)
        for target, moment in plan:
            storm.strike(target, moment)
        for step in then:
            storm.phase(getattr(storm, step), step)
        return storm.found
    finally:
        store.stop()
        store.servers.stop_unused()


def _small_plan() -> Plan:
    return [("worker's child", "written"), ("database -9", "gathered"), ("worker", "committed")]
