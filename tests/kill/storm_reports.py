"""Kills while reports are made: workers, beat, the database, all at once (promise P7).

``python -m tests.kill.storm_reports [KILLS]`` prints the figures; the suite runs it small. Only
*effective* kills count: a report was being made at that moment. Each new generation of processes
has its clock 90 s further on, so the leases of the killed have ended, and slower survivors find
their work taken over: the fence is met for real.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shopops.ops.places import ROOT, Places
from shopops.ops.servers import Servers

TARGETS = ("worker", "beat", "database", "group")
LEASE = 90  # seconds the clock of each generation is further on
PATIENCE = 240  # seconds the store has to finish afterwards


@dataclass
class Figures:
    """What a storm found."""

    kills: dict[str, int] = field(default_factory=dict)
    expected: int = 0  # store days
    missing: int = 0  # days without report, or with a report that has no revision
    doubled: int = 0  # days with more than one report or more than one revision
    unfinished: int = 0  # jobs
    sum_of_reports: str = ""
    sum_of_days: str = ""

    @property
    def effective(self) -> int:
        return sum(self.kills.values())


class Storm:
    """A store of its own with two sweepers and three workers, killed again and again."""

    def __init__(self, folder: Path, days: int, *, guarded: bool, seed: int) -> None:
        self.servers = Servers(Places(folder / "var"))
        self.servers.attach()
        first = datetime.now(UTC) - timedelta(days=days)
        foreign = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SHOPOPS_DB_OWNER")
        self.surroundings = {
            name: value for name, value in os.environ.items() if name not in foreign
        } | self.servers.environment()
        self.surroundings |= {
            "REPORTS_FROM": first.date().isoformat(),
            "STORM_SLOW_MS": "150",
            "STATIC_MANIFEST": "0",
            "LOCK_TIMEOUT_MS": "3000",
        }
        if not guarded:
            self.surroundings["STORM_UNGUARDED"] = "1"
        self.chance = random.Random(seed)
        self.generation = 0
        self.processes: dict[str, list[subprocess.Popen[bytes]]] = {"sweeper": [], "worker": []}
        self.run("prepare", "migrate", SHOPOPS_DB_OWNER="1")
        self.sell(first.date().isoformat())

    def run(self, *arguments: str, **more: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.surroundings | more, check=True)

    def sell(self, first: str) -> None:
        """Give each day a roll-up whose money differs."""
        self.sql(
            "INSERT INTO products_channel (code, title, platform, shop_names, currency, time_zone, sells_daily, closed_weekdays,"
            " ship_hours, is_active, is_demo, created_at, updated_at, data_from, data_through) VALUES"
            " ('tmall', 'Tmall', 'taobao', '{}', 'CNY', 'Asia/Shanghai', true, '{}', 48, true, false, now(), now(), %s, now() + interval '9 days')",
            [first],
        )
        self.sql(
            "INSERT INTO products_salesday (channel_id, day, basis, orders, created, unpaid, payable, paid, goods_paid, goods_pieces, pieces,"
            " known_orders, known_paid, buyers, refunds, refund_count, refunds_without_order, refunds_of_orders, refunded_orders, unknown_paid, unknown_pieces)"
            " SELECT c.id, d::date, 'paid', 1, 1, 0, n, n, n, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
            " FROM products_channel c, generate_series(%s::date, %s::date + 4000, '1 day') WITH ORDINALITY AS s (d, n)",
            [first, first],
        )

    def sql(self, statement: str, values: list[object] | None = None) -> list[tuple]:
        with self.servers.postgres.connection(database="shopops") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT set_config('shopops.actor', '0', false)")
            cursor.execute(statement, values)
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
            return found

    def start(self, kind: str, count: int) -> None:
        self.generation += 1
        shifted = self.surroundings | {"CLOCK_SHIFT_SECONDS": str(self.generation * LEASE)}
        command = [sys.executable, "-m", "tests.kill.report_processes", kind]
        for _number in range(count - len(self.processes[kind])):
            self.processes[kind].append(subprocess.Popen(command, cwd=ROOT, env=shifted, stderr=subprocess.DEVNULL))

    def kill(self, kind: str, count: int) -> None:
        for process in self.processes[kind][:count]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        del self.processes[kind][:count]

    def strike(self, target: str) -> None:
        """Kill ``target`` and bring it back."""
        self.chance.shuffle(self.processes["worker"])
        if target in {"worker", "group"}:
            self.kill("worker", 3 if target == "group" else 1)
        if target in {"beat", "group"}:
            self.kill("sweeper", 2 if target == "group" else 1)
        if target in {"database", "group"}:
            os.kill(self.servers.postgres.pid(), signal.SIGKILL)
            self.servers.mend()
        self.start("sweeper", 2)
        self.start("worker", 3)

    def being_made(self) -> int:
        found = self.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(0.15%%' AND state = 'active'"
        )
        return found[0][0]

    def wait_for(self, question: str, seconds: int = PATIENCE) -> bool:
        """Ask until the answer is 0 (or, for work being made, not 0)."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.sql(question)[0][0] == 0:
                return True
            time.sleep(0.2)
        return False

    def wait_for_work(self) -> bool:
        """Wait until a report is being made; say whether that happened before all were."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.being_made():
                return True
            [(present, due)] = self.sql("SELECT count(*), count(*) FILTER (WHERE state = 'due') FROM analytics_report")
            if present and not due:
                return False
            time.sleep(0.02)
        return False

    def end(self) -> None:
        for kind in self.processes:
            self.kill(kind, len(self.processes[kind]))
        self.servers.release()


def storm(kills: int, *, guarded: bool = True, seed: int = 1) -> Figures:
    """Run a storm of ``kills`` effective kills and return what it found."""
    folder = Path(tempfile.mkdtemp(prefix="so-storm-"))
    folder.chmod(0o755)
    figures = Figures()
    here = Storm(folder, days=max(40, kills * 16), guarded=guarded, seed=seed)
    try:
        here.start("sweeper", 2)
        here.start("worker", 3)
        while figures.effective < kills and here.wait_for_work():
            target = TARGETS[figures.effective % len(TARGETS)]
            here.strike(target)
            figures.kills[target] = figures.kills.get(target, 0) + 1
        here.generation += 60  # an hour and a half on: what was lost too often is tried again
        here.kill("sweeper", 2)
        here.kill("worker", 3)
        here.start("sweeper", 2)
        here.start("worker", 3)
        here.wait_for(
            "SELECT CASE WHEN count(*) FILTER (WHERE state = 'made') > 0 THEN count(*) FILTER (WHERE state = 'due') ELSE 1 END FROM analytics_report"
        )
        here.wait_for(
            "SELECT count(*) FROM shopops_job WHERE state IN ('queued', 'running') AND kind = 'analytics.reports.services.make'",
            30,
        )
        return measure(here, figures)
    finally:
        here.end()
        shutil.rmtree(folder, ignore_errors=True)


def measure(here: Storm, figures: Figures) -> Figures:
    first = here.surroundings["REPORTS_FROM"]
    [(last,)] = here.sql("SELECT max(day) FROM analytics_report")
    [(figures.expected,)] = here.sql("SELECT %s::date - %s::date + 1", [last, first])
    [(present,)] = here.sql(
        "SELECT count(DISTINCT r.day) FROM analytics_report r JOIN analytics_revision v ON v.report_id = r.id WHERE r.state = 'made'"
    )
    figures.missing = figures.expected - present
    [(figures.doubled,)] = here.sql(
        "SELECT count(*) FROM (SELECT r.day FROM analytics_report r JOIN analytics_revision v ON v.report_id = r.id GROUP BY r.day HAVING count(*) > 1) d"
    )
    [(figures.unfinished,)] = here.sql(
        "SELECT count(*) FROM shopops_job WHERE kind = 'analytics.reports.services.make' AND state <> 'done'"
    )
    [(told,)] = here.sql(
        "SELECT sum((v.figures #>> '{sections,headline,0,rows,0,value}')::numeric) FROM analytics_revision v"
    )
    [(sold,)] = here.sql("SELECT sum(paid) FROM products_salesday WHERE day BETWEEN %s AND %s", [first, last])
    figures.sum_of_reports, figures.sum_of_days = str(told), str(sold)
    return figures


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    found = storm(wanted)
    sys.stdout.write(json.dumps(asdict(found) | {"effective": found.effective}) + "\n")
