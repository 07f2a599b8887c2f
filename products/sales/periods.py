"""Distinct buyers of days, weeks, months, quarters and years, and of the last 7 … 365 days of data.

People do not add up, so each period is counted from the buyers' days. A new or gone buyer of a day
changes that day's periods; who is "old" changes in periods that begin within the following year.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.db import connection

from products.channels.models import Channel
from products.sales.models import BuyerDay, BuyersOfPeriod

KINDS: Final = ("day", "week", "month", "quarter", "year")
LAST: Final = (7, 30, 90, 365)
YEAR: Final = timedelta(days=365)
_COUNT: Final = """
    INSERT INTO products_buyersofperiod (channel_id, kind, first_day, last_day, buyers, old_buyers, repeat_buyers, effective_buyers)
    SELECT NULL, p.kind, p.first_day, p.last_day, count(*), count(*) FILTER (WHERE b.old),
           count(*) FILTER (WHERE b.effective >= 2), count(*) FILTER (WHERE b.effective >= 1)
    FROM unnest(%(kinds)s::text[], %(firsts)s::date[], %(lasts)s::date[]) AS p (kind, first_day, last_day)
    JOIN LATERAL (
        SELECT b.customer_id, sum(b.effective_orders) AS effective,
               EXISTS (
                   SELECT FROM products_buyerday e
                   WHERE e.customer_id = b.customer_id AND e.day >= p.first_day - 365 AND e.day < p.first_day
                     AND e.channel_id = ANY(%(channels)s)
               ) AS old
        FROM products_buyerday b
        WHERE b.day BETWEEN p.first_day AND p.last_day AND b.channel_id = ANY(%(channels)s)
        GROUP BY b.customer_id
    ) b ON true
    GROUP BY p.kind, p.first_day, p.last_day
"""


def bounds(kind: str, day: date) -> tuple[date, date]:
    """Return the first and last day of the calendar period of ``kind`` around ``day``."""
    match kind:
        case "day":
            return day, day
        case "week":
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=6)
        case "month":
            first = day.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        case "quarter":
            first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            return first, (first + timedelta(days=92)).replace(day=1) - timedelta(days=1)
        case "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
    raise ValueError(kind)


def recompute(dirty: Sequence[date] | None) -> None:
    """Count the periods anew that ``dirty`` days touch; None: all there are."""
    counted = list(Channel.objects.counted().values_list("pk", flat=True))
    known = _days_with_buyers(counted)
    days = known if dirty is None else list(dirty)
    wanted = {(kind, *bounds(kind, day)) for day in days for kind in KINDS}
    if dirty:
        wanted |= _following(days, known)
    if known:
        wanted |= {(f"last{count}", known[-1] - timedelta(days=count - 1), known[-1]) for count in LAST}
    _replace(sorted(wanted), counted, everything=dirty is None)


def _days_with_buyers(channels: Sequence[int]) -> list[date]:
    # One step of the index per distinct day instead of a walk over every buyer.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE days (day) AS (
                (SELECT min(day) FROM products_buyerday)
                UNION ALL
                SELECT (SELECT min(b.day) FROM products_buyerday b WHERE b.day > d.day) FROM days d WHERE d.day IS NOT NULL
            )
            SELECT day FROM days WHERE day IS NOT NULL
              AND EXISTS (SELECT FROM products_buyerday b WHERE b.day = days.day AND b.channel_id = ANY(%s))
            """,
            [list(channels)],
        )
        return [day for (day,) in cursor.fetchall()]


def _following(dirty: list[date], known: list[date]) -> set[tuple[str, date, date]]:
    """Periods that begin within a year after a dirty day: their old buyers may be others now."""
    found = set()
    first, last = min(dirty), max(dirty) + YEAR
    for day in known:
        if first < day <= last + YEAR:
            for kind in KINDS:
                begin, end = bounds(kind, day)
                if any(changed < begin <= changed + YEAR for changed in (dirty if len(dirty) < 40 else (first, max(dirty)))) or (
                    len(dirty) >= 40 and first < begin <= last
                ):
                    found.add((kind, begin, end))
    return found


def _replace(wanted: list[tuple[str, date, date]], channels: list[int], *, everything: bool) -> None:
    rows = BuyersOfPeriod.objects.all()
    if everything:
        rows.delete()
    else:
        rows.filter(kind__startswith="last").delete()
    kinds, firsts, lasts = [list(column) for column in zip(*wanted, strict=True)] if wanted else ([], [], [])
    with connection.cursor() as cursor:
        values = {"kinds": kinds, "firsts": firsts, "lasts": lasts, "channels": channels}
        cursor.execute(
            "DELETE FROM products_buyersofperiod b USING unnest(%(kinds)s::text[], %(firsts)s::date[]) AS p (kind, first_day)"
            " WHERE b.kind = p.kind AND b.first_day = p.first_day",
            values,
        )
        cursor.execute(_COUNT, values)


def stored(kind_first: date, last: date) -> BuyersOfPeriod | None:
    """Return the stored counts of exactly these days, when some period has them."""
    return BuyersOfPeriod.objects.filter(channel=None, first_day=kind_first, last_day=last).order_by("pk").first()


def oldest_day() -> date | None:
    """Return the first day any known buyer paid on."""
    return BuyerDay.objects.order_by("day").values_list("day", flat=True).first()
