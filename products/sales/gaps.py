"""Days without orders: missing, or really zero? (handbook 6 §6)"""

from dataclasses import dataclass
from datetime import date

from products.channels.models import Channel
from products.sales import spans
from products.sales.models import SalesDay
from shopops import clock
from shopops.metrics.comparisons import missing_days


@dataclass(frozen=True)
class Gap:
    """A day a channel that sells daily has no order on; ``covered``: some imported file spans it."""

    channel: Channel
    day: date
    covered: bool


def gaps(first: date, last: date) -> list[Gap]:
    """Return the days without orders from ``first`` to ``last``, by channel and day; three statements.

    A channel's days begin with its earliest order and end with its data: days after that are lag,
    told by "data through", not holes.
    """
    channels = list(Channel.objects.selling_daily().filter(data_from__isnull=False).order_by("code"))
    seen: dict[int, set[date]] = {channel.pk: set() for channel in channels}
    rows = SalesDay.objects.filter(channel__in=channels, day__gte=first, day__lte=last, created__gt=0, basis="created")
    for pk, day in rows.values_list("channel", "day"):
        seen[pk].add(day)
    known = spans.covered(first, last)
    return [
        Gap(channel, day, spans.is_covered(day, known.get(channel.code, [])))
        for channel in channels
        for day in _missing(channel, first, last, seen[channel.pk])
    ]


def _missing(channel: Channel, first: date, last: date, seen: set[date]) -> list[date]:
    begin = max(first, clock.store_day(channel.data_from))
    end = min(last, clock.store_day(channel.data_through) if channel.data_through else last)
    return missing_days(begin, end, seen, channel.closed_weekdays)
