"""Imports killed with SIGKILL at many points, each then taken up again by another process.

    python -m tests.kill.storm_imports --kills 60 [--unguarded]

After each kill the facts are those of before or those of after, never something between; once the
job was taken up again, everything is as after an import nobody disturbed; taking the import back
gives the store of before. Run it on a database of its own: it makes a channel and leaves it empty.
"""

import argparse
import io
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
# What the merge's transaction writes; persons and figures follow in steps of their own.
FACTS = (
    "products_order", "products_orderline", "products_ordercontact", "products_shipment", "products_refund",
    "products_refundline", "products_channelitem",
)  # fmt: skip


@dataclass
class Outcome:
    """What a storm found: every list must be empty."""

    kills: int = 0
    inside: int = 0  # kills that left the facts of before: the merge was not committed
    between: list[int] = field(default_factory=list)  # points after which the facts were neither
    unfinished: list[int] = field(default_factory=list)  # points after which another try did not end well
    not_undone: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"effective kills {self.kills} (before the commit {self.inside}, after it {self.kills - self.inside}),"
            f" half imports {len(self.between)}, not recovered {len(self.unfinished)}, not taken back {len(self.not_undone)}"
        )


def retail_file(invoices: int, *, seed: int = 1) -> bytes:
    """Make a small retail file: invoices of one to five lines, every tenth a credit note."""
    chance = random.Random(seed)
    rows, at = [HEADER], datetime(2011, 3, 1, 9, 0)
    for number in range(invoices):
        credit = number % 10 == 9
        at += timedelta(minutes=chance.randint(1, 90))
        buyer = chance.choice(["", *(f"{12000 + n}.0" for n in range(20))])
        for _line in range(chance.randint(1, 5)):
            code, price = 20000 + chance.randint(1, 40), chance.randint(50, 900) / 100
            quantity = chance.randint(1, 12) * (-1 if credit else 1)
            rows.append(
                f"{'C' if credit else ''}{536000 + number},{code},GOODS {code},{quantity},{at},{price:.2f},{buyer},France"
            )
    return ("\n".join(rows) + "\n").encode()


def _process(job: int, point: int, *, guarded: bool = True) -> subprocess.CompletedProcess[str]:
    unguarded = [] if guarded else ["--unguarded"]
    return subprocess.run(
        [sys.executable, "-m", "tests.kill.import_process", str(job), str(point), *unguarded],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    """Name the database this process uses (a test's own) to the processes it starts, as the running role."""
    from django.db import connection

    found = {key: value for key, value in os.environ.items() if key != "SHOPOPS_DB_OWNER"}
    url = urlsplit(found.get("DATABASE_URL", ""))
    if url.scheme:
        found["DATABASE_URL"] = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    return found


class Storm:
    """One file, imported again and again with a kill in each import."""

    def __init__(self, content: bytes, code: str = "storm") -> None:
        from products.channels.models import Channel
        from shopops.history.actor import SYSTEM, acting

        self.content = content
        with acting(SYSTEM):
            self.channel = Channel.objects.create(code=code, title="Storm", currency="GBP")
        self.before = self.now()
        job = self.submit()
        through = _process(job, -1)
        assert through.stdout.startswith("done"), through.stderr[-2000:]
        self.points, self.committed = map(int, through.stdout.split()[1:3])  # all, those up to the commit
        self.after = self.now()
        assert self.after["all"] != self.before["all"]
        self.take_back(job)
        assert self.now() == self.before, "taking back did not give the store of before"

    @staticmethod
    def now() -> dict[str, str]:
        from analytics.quality.fingerprint import fingerprint

        return fingerprint()

    def submit(self) -> int:
        from products.orders import imports
        from shopops.exchange import uploads

        upload = uploads.keep(io.BytesIO(self.content), name="storm.csv", by=None)
        return imports.submit(
            imports.RUN, [imports.add_batch(upload, self.channel, imports.Options(), by=None)], by=None
        ).pk

    def take_back(self, job: int) -> None:
        from products.orders import undoing
        from products.orders.following import follow
        from shopops.exchange.models import ImportBatch
        from shopops.history.actor import SYSTEM

        batch = ImportBatch.objects.get(job=job)
        undoing.undo(batch.pk, by=SYSTEM)
        follow([batch.pk], None)

    def kill_at(self, point: int, outcome: Outcome, *, guarded: bool = True) -> None:
        """Kill an import at ``point``, look, take it up again, look, take it back, look."""
        from shopops.jobs.models import Job

        job = self.submit()
        killed = _process(job, point, guarded=guarded)
        assert killed.returncode == -9, (point, killed.returncode, killed.stderr[-2000:])
        outcome.kills += 1
        left = self._facts(self.now())
        outcome.inside += left == self._facts(self.before)
        if left not in (self._facts(self.before), self._facts(self.after)):
            outcome.between.append(point)
            return  # nothing to go on from
        Job.objects.filter(pk=job).update(lease_until=datetime(2000, 1, 1).astimezone())
        _process(job, -1)
        if self.now() != self.after:
            outcome.unfinished.append(point)
        self.take_back(job)
        if self.now() != self.before:
            outcome.not_undone.append(point)

    @staticmethod
    def _facts(hashes: dict[str, str]) -> list[str]:
        return [hashes[table] for table in FACTS]


def storm(kills: int, *, seed: int = 1, guarded: bool = True, invoices: int = 60, code: str = "storm") -> Outcome:
    """Kill ``kills`` imports at random points; without the guard stop at the first half import."""
    found, chance = Outcome(), random.Random(seed)
    weather = Storm(retail_file(invoices), code)
    for _round in range(kills):
        weather.kill_at(chance.randrange(weather.points), found, guarded=guarded)
        if found.between:
            break
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unguarded", action="store_true", help="the control: must find half imports")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")
    import django

    django.setup()
    found = storm(chosen.kills, seed=chosen.seed, guarded=not chosen.unguarded, code=f"storm-{os.getpid()}")
    print(found)
    return 1 if found.between or found.unfinished or found.not_undone else 0


if __name__ == "__main__":
    sys.exit(main())
