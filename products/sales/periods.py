"""Distinct buyers of days, weeks, months, quarters and years, and of the last 7 … 365 days of data.

People do not add up, but those who come for the first time in a month do: of each day the newcomers of
its month are stored too ("to27"), so that a month up to any of its days is a sum of at most 31 rows.

When days change, only the buyers whose days differ are looked at: what they
brought to each period before and bring now; the difference goes to the stored counts. So a day costs
its own buyers, whatever the history. Only the newest day's windows ("last30") are counted afresh
when that day moves.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, Subquery, Sum

from products.channels.models import Channel
from products.sales.models import BuyerDay, BuyersOfPeriod

KINDS: Final = ("day", "week", "month", "quarter", "year")
LAST: Final = (7, 30, 90, 365)
STAMP: Final = "sales.buyers"  # of the buyers' days; kept counts of another stamp are void
KEPT: Final = 24 * 3600  # seconds
# One row per period and buyer: in it, come back within it, and whether they had paid in the year before it.
# A buyer's payment before the first one in a period is "prev" of that first day: outside, or nothing.
_BROUGHT: Final = """
    SELECT kind, first_day, last_day, count(*) AS buyers,
           count(*) FILTER (WHERE prev < first_day AND prev >= first_day - 365) AS old_buyers,
           count(*) FILTER (WHERE effective >= 2) AS repeat_buyers, count(*) FILTER (WHERE effective >= 1) AS effective_buyers
    FROM (
        SELECT p.kind, p.first_day, p.last_day, b.customer_id, sum(b.effective) AS effective, min(b.prev) AS prev
        FROM (
            SELECT x.customer_id, x.day, sum(x.effective_orders) AS effective,
                   lag(x.day) OVER (PARTITION BY x.customer_id ORDER BY x.day) AS prev
            FROM products_buyerday x {people}
            WHERE x.channel_id = ANY(%(channels)s) AND x.day >= %(first)s::date - 365 AND x.day <= %(last)s::date
            GROUP BY x.customer_id, x.day
        ) b
        CROSS JOIN LATERAL (
            SELECT 'day' AS kind, b.day AS first_day, b.day AS last_day WHERE %(calendar)s
            UNION ALL SELECT 'week', date_trunc('week', b.day::timestamp)::date, date_trunc('week', b.day::timestamp)::date + 6 WHERE %(calendar)s
            UNION ALL SELECT 'month', date_trunc('month', b.day::timestamp)::date,
                             (date_trunc('month', b.day::timestamp) + interval '1 month')::date - 1 WHERE %(calendar)s
            UNION ALL SELECT to_char(b.day, '"to"DD'), date_trunc('month', b.day::timestamp)::date, b.day
                      WHERE %(calendar)s AND (b.prev IS NULL OR b.prev < date_trunc('month', b.day::timestamp)::date)
            UNION ALL SELECT 'quarter', date_trunc('quarter', b.day::timestamp)::date,
                             (date_trunc('quarter', b.day::timestamp) + interval '3 months')::date - 1 WHERE %(calendar)s
            UNION ALL SELECT 'year', date_trunc('year', b.day::timestamp)::date,
                             (date_trunc('year', b.day::timestamp) + interval '1 year')::date - 1 WHERE %(calendar)s
            UNION ALL SELECT 'last' || w.days, %(newest)s::date - w.days + 1, %(newest)s::date
                      FROM unnest(%(windows)s::int[]) AS w (days) WHERE b.day > %(newest)s::date - w.days
        ) p
        WHERE b.day >= %(first)s::date
        GROUP BY 1, 2, 3, 4
    ) c
    GROUP BY 1, 2, 3
"""
_SUMS: Final = ("buyers", "old_buyers", "repeat_buyers", "effective_buyers")
_NAMES: Final = ", ".join(_SUMS)
_CHANGED: Final = """
    CREATE TEMP TABLE d_people ON COMMIT DROP AS
    SELECT DISTINCT customer_id FROM (
        SELECT t.customer_id, t.day, t.channel_id, t.orders, t.effective_orders, t.paid FROM d_days d
        JOIN products_buyerday t ON t.channel_id = d.channel_id AND t.day = d.day
        EXCEPT SELECT customer_id, day, channel_id, orders, effective_orders, paid FROM d_buyers
    ) gone
    UNION
    SELECT DISTINCT customer_id FROM (
        SELECT customer_id, day, channel_id, orders, effective_orders, paid FROM d_buyers
        EXCEPT SELECT t.customer_id, t.day, t.channel_id, t.orders, t.effective_orders, t.paid FROM d_days d
        JOIN products_buyerday t ON t.channel_id = d.channel_id AND t.day = d.day
    ) come
"""
_WRITE: Final = (
    """
    DELETE FROM products_buyerday t USING d_days d
    WHERE t.channel_id = d.channel_id AND t.day = d.day AND NOT EXISTS (
        SELECT FROM d_buyers b WHERE b.customer_id = t.customer_id AND b.day = t.day AND b.channel_id = t.channel_id
    )
    """,
    """
    UPDATE products_buyerday t SET orders = b.orders, effective_orders = b.effective_orders, paid = b.paid
    FROM d_buyers b WHERE b.customer_id = t.customer_id AND b.day = t.day AND b.channel_id = t.channel_id
      AND (t.orders, t.effective_orders, t.paid) IS DISTINCT FROM (b.orders, b.effective_orders, b.paid)
    """,
    """
    INSERT INTO products_buyerday (channel_id, customer_id, day, orders, effective_orders, paid)
    SELECT channel_id, customer_id, day, orders, effective_orders, paid FROM d_buyers b
    WHERE NOT EXISTS (
        SELECT FROM products_buyerday t WHERE t.customer_id = b.customer_id AND t.day = b.day AND t.channel_id = b.channel_id
    )
    ORDER BY customer_id, day, channel_id
    """,
)
_STORE: Final = f"""
    WITH changes AS (
        SELECT kind, first_day, last_day, {", ".join(f"sum({name}) AS {name}" for name in _SUMS)}
        FROM (SELECT * FROM d_now UNION ALL SELECT kind, first_day, last_day, -buyers, -old_buyers, -repeat_buyers, -effective_buyers FROM d_then) b
        GROUP BY 1, 2, 3 HAVING {" OR ".join(f"sum({name}) <> 0" for name in _SUMS)}
    )
    INSERT INTO products_buyersofperiod AS p (channel_id, kind, first_day, last_day, {_NAMES})
    SELECT NULL, kind, first_day, last_day, {_NAMES} FROM changes ORDER BY kind, first_day
    ON CONFLICT (kind, first_day, channel_id) DO UPDATE SET {", ".join(f"{name} = p.{name} + excluded.{name}" for name in _SUMS)}
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


def stored(first: date, last: date) -> tuple[int, int] | None:
    """Return (known buyers, old ones among them) of a range that is stored; None where it is not.

    A period that goes on tells the range from its first day to the newest day of data, and any later one.
    """
    newest = BuyerDay.objects.filter(channel__in=Channel.objects.counted()).order_by("-day").values("day")[:1]
    known = BuyersOfPeriod.objects.alias(newest=Subquery(newest)).filter(  # one step of an index, as in _newest
        Q(last_day=last) | Q(newest__lte=last),
        channel=None,
        kind__in=[*KINDS, *(f"last{days}" for days in LAST)],
        first_day=first,
        last_day__gte=last,
    )
    return known.order_by("last_day").values_list("buyers", "old_buyers").first() or _month_to(first, last)


def _month_to(first: date, last: date) -> tuple[int, int] | None:
    """Return the same of a month up to one of its days, from each day's newcomers; None of any other range."""
    if first.day != 1 or last > bounds("month", first)[1]:
        return None
    days = BuyersOfPeriod.objects.filter(channel=None, first_day=first, kind__startswith="to")
    upto = Q(last_day__lte=last)
    found = days.aggregate(known=Count("pk"), buyers=Sum("buyers", filter=upto), old=Sum("old_buyers", filter=upto))
    return (found["buyers"] or 0, found["old"] or 0) if found["known"] else None


def kept(name: str, count: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is counted
    """Return what ``count`` gives, kept until the buyers' days change: pages ask for the same ranges all day."""
    key = f"sales.buyers:{name}"
    there = cache.get_many([STAMP, key])
    current, found = there.get(STAMP), there.get(key)
    if current is not None and found is not None and found[0] == current:
        return found[1]
    if connection.in_atomic_block:  # a report's one moment, a refresh: nothing else is written there
        return count()
    current = current or stamp()  # of before the count: what changes meanwhile voids it
    counted = count()
    cache.set(key, (current, counted), KEPT)
    return counted


def stamp() -> str:
    """Return what names the buyers' days as they are now."""
    return str(cache.get_or_set(STAMP, lambda: uuid4().hex, None))


def forget_kept() -> None:
    """Let kept counts be counted anew, from the moment this transaction is committed."""
    cache.set(STAMP, uuid4().hex, None)  # the cache is a table of this database


def follow(dirty: Sequence[date]) -> None:
    """Bring the buyers' days and the stored periods to what ``d_buyers`` tells of the dirty days in ``d_days``."""
    channels = _counted()
    newest = _newest(channels)
    first, last = _reach(dirty, newest)
    values = {
        "channels": channels,
        "first": first,
        "last": last,
        "calendar": True,
        "newest": newest,
        "windows": _windows(newest),
    }
    people = _BROUGHT.format(people="JOIN d_people q ON q.customer_id = x.customer_id")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS d_people, d_then, d_now")
        cursor.execute(_CHANGED)
        if not cursor.rowcount:
            return  # the same buyers with the same orders: every count stays
        cursor.execute("ANALYZE d_people")
        missing = newest is not None and is_missing()
        cursor.execute(f"CREATE TEMP TABLE d_then ON COMMIT DROP AS {people}", values)
        for statement in _WRITE:
            cursor.execute(statement)
        if missing:
            recompute_all()
            return
        cursor.execute(f"CREATE TEMP TABLE d_now ON COMMIT DROP AS {people}", values)
        cursor.execute(_STORE)
        cursor.execute("DELETE FROM products_buyersofperiod WHERE buyers = 0")
    if _newest(channels) != newest:
        _count_windows()


def _reach(dirty: Sequence[date], newest: date | None) -> tuple[date, date]:
    """Return the days that hold, whole, every period the dirty days may change.

    Those around them, those that begin within the year after (their old buyers), and the newest windows.
    """
    first = bounds("week", bounds("year", dirty[0])[0])[0]
    last = bounds("week", bounds("year", dirty[-1] + timedelta(days=366))[1])[1]
    if newest is None:
        return first, last
    return min(first, newest - timedelta(days=max(LAST) - 1)), max(last, newest)


def is_missing() -> bool:
    """Say whether every count is missing though somebody bought: a new version counts otherwise, and threw them away."""
    return not BuyersOfPeriod.objects.exists() and _newest() is not None


def recompute_all() -> None:
    """Count every period anew from the buyers' days."""
    BuyersOfPeriod.objects.all().delete()
    _insert({"first": date(1900, 1, 1), "last": date(2200, 1, 1), "calendar": True, "newest": None, "windows": []})
    _count_windows()


def _count_windows() -> None:
    newest = _newest()
    BuyersOfPeriod.objects.filter(kind__startswith="last").delete()
    if newest is not None:
        for days in LAST:  # each by itself: "before the period" is another one
            first = newest - timedelta(days=days - 1)
            _insert({"first": first, "last": newest, "calendar": False, "newest": newest, "windows": [days]})


def _insert(values: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO products_buyersofperiod (channel_id, kind, first_day, last_day, {_NAMES})"
            f" SELECT NULL, kind, first_day, last_day, {_NAMES} FROM ({_BROUGHT.format(people='')}) b ORDER BY kind, first_day",
            values | {"channels": _counted()},
        )


def _windows(newest: date | None) -> list[int]:
    return [] if newest is None else list(LAST)


def _counted() -> list[int]:
    return list(Channel.objects.counted().values_list("pk", flat=True))


def _newest(channels: list[int] | None = None) -> date | None:
    """Return the last day any known buyer paid on; one step of an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(day) FROM products_buyerday WHERE channel_id = ANY(%s)",
            [_counted() if channels is None else channels],
        )
        found: date | None = cursor.fetchone()[0]
        return found
