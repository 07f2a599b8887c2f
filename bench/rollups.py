"""U1, U2: one dirty day against a full rebuild; the nightly report against ten times the history."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from analytics.reports.gathering import gather
from bench.measure import Result, quick, seconds
from bench.store import LAST
from products.channels.models import Channel
from products.sales.models import DirtyDay
from products.sales.refresh import rebuild, refresh_all
from shopops import clock


def one_day() -> None:
    """Mark one day dirty and refresh it."""
    shop = Channel.objects.order_by("pk").first()
    DirtyDay.objects.create(channel=shop, day=LAST - timedelta(days=3), marked_at=clock.now())
    refresh_all()


def measure(size: str, goal: float) -> Result:
    """Compare one dirty day with a full rebuild of the store that is there."""
    day = min(seconds(one_day) for _turn in range(3))
    return Result("U1", f"one dirty day ÷ full rebuild, {size}", seconds(rebuild), day, goal)


def report() -> None:
    """Gather the report of the last day."""
    gather(LAST, now=clock.now())


def run(sizes: Any) -> Iterator[Result]:  # noqa: ANN401
    found = {}
    for name, _days in sizes.each():
        goal = 0.005 if name == "10x" else 0.02
        yield measure(name, goal * (10 if quick() else 1))
        report()
        found[name] = min(seconds(report) for _turn in range(3))
    yield Result("U2", "nightly report, ten times the history", found["1x"], found["10x"], 1.5)
