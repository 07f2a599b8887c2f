"""Counts of buyers that boards ask for, counted before anybody asks: after an import, and when a day begins.

A range that is not stored is counted from its buyers' days, which takes the longer the more was sold in
it. No page waits for that: the job that follows an import does it, and each minute looks whether a new
day offers other ranges.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.core.cache import cache

from products.channels.models import Channel
from products.sales import periods, sums
from shopops import clock
from shopops.dashboard.board import offered

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

READY: Final = "sales.buyers.ready"  # what the ranges were counted for


def make_ready(_batch_ids: Sequence[int] = (), claim: "Claim | None" = None, *, now: datetime | None = None) -> int:
    """Count the buyers of every range boards offer by name, unless that is done; return how many ranges."""
    among = list(Channel.objects.counted().order_by("pk"))
    today = clock.store_day(now or clock.now())
    state = (periods.stamp(), today, [channel.pk for channel in among])
    if not among or cache.get(READY) == state:
        return 0
    ranges = offered(today)
    for first, last in ranges:
        sums.distinct_buyers(first, last, among)
        if claim is not None:
            claim.renew()
    cache.set(READY, state, periods.KEPT)
    return len(ranges)


def each_minute(*, now: datetime) -> None:
    """Count what a new day's boards will ask for, and what a killed step left."""
    make_ready(now=now)
