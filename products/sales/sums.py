"""Sums of the day roll-ups as pages of cards need them: few statements, whatever the history.

Money is kept per currency, never added over currencies. Days are store days, both ends inclusive.
A figure of a day nobody imported is None (a gap), never 0.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import F, Max, QuerySet, Sum
from django.db.models.functions import Coalesce

from products.catalogue.models import ChannelItem
from products.channels.models import Channel
from products.sales import grouping, periods
from products.sales.models import PlaceHourDay, SalesDay, SkuDay
from products.sales.questions import Question, channels
from shopops import clock
from shopops.money import ratio

YEAR: Final = timedelta(days=365)
Among = Collection[int] | None  # ids of channels a person sees; None: all
COLUMNS: Final = (
    "paid",
    "orders",
    "pieces",
    "refunds",
    "refunds_of_orders",
    "refunds_without_order",
    "refunded_orders",
    "refund_count",
    "unknown_paid",
    "unknown_pieces",
    "known_orders",
    "known_paid",
)


@dataclass
class Sums:
    """Sums of a set of days and channels in one currency."""

    currency: str
    paid: Decimal = Decimal(0)
    orders: int = 0
    pieces: int = 0
    refunds: Decimal = Decimal(0)
    refunds_of_orders: Decimal = Decimal(0)
    refunds_without_order: Decimal = Decimal(0)
    refunded_orders: int = 0
    refund_count: int = 0
    unknown_paid: int = 0
    unknown_pieces: int = 0
    known_orders: int = 0
    known_paid: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        return self.paid - self.refunds

    @property
    def aov_order(self) -> Decimal | None:
        return ratio(self.paid, self.orders)

    @property
    def upt(self) -> Decimal | None:
        return ratio(self.pieces, self.orders - self.unknown_pieces)

    @property
    def refunded_so_far(self) -> Decimal:
        """Refunds of these orders whenever they were done, and those without an order done in these days."""
        return self.refunds_of_orders + self.refunds_without_order

    @property
    def refund_rate(self) -> Decimal | None:
        return ratio(self.refunded_so_far, self.paid)

    def add(self, row: dict[str, Any]) -> None:
        for name in COLUMNS:
            setattr(self, name, getattr(self, name) + (row[name] or 0))


def added(currency: str, rows: Iterable[Sums]) -> Sums:
    """Return the sum of some days' sums of one currency."""
    total = Sums(currency)
    for row in rows:
        total.add({name: getattr(row, name) for name in COLUMNS})
    return total


@dataclass
class Days:
    """What a range of days sold: per channel and day, ready to be summed any way."""

    rows: list[dict[str, Any]]
    first: date
    last: date
    currencies: list[str] = field(default_factory=list)

    def total(self, currency: str, *, days: Iterable[date] | None = None, channel: str = "") -> Sums:
        """Return the sums of a currency; of some days or one channel only, when asked."""
        wanted = None if days is None else set(days)
        found = Sums(currency)
        for row in self.rows:
            if (
                row["currency"] == currency
                and (wanted is None or row["day"] in wanted)
                and channel in {"", row["code"]}
            ):
                found.add(row)
        return found

    def by_day(self, currency: str, *, channel: str = "") -> dict[date, Sums]:
        found: dict[date, Sums] = {}
        for row in self.rows:
            if row["currency"] == currency and channel in {"", row["code"]}:
                found.setdefault(row["day"], Sums(currency)).add(row)
        return found


def counted(among: Among) -> QuerySet[Channel]:
    """Return the channels whose figures count; of those with these ids, where a person sees only some."""
    found = Channel.objects.counted()
    return found if among is None else found.filter(pk__in=sorted(among))


def days(first: date, last: date, *, channel: str = "", among: Among = None) -> Days:
    """Return what the days from ``first`` to ``last`` sold, by payment; one statement."""
    rows = SalesDay.objects.filter(basis="paid", day__gte=first, day__lte=last, channel__in=counted(among))
    if channel:
        rows = rows.filter(channel__code=channel)
    found = list(
        rows.annotate(code=F("channel__code"), currency=F("channel__currency")).values(
            "day", "code", "currency", *COLUMNS
        )
    )
    return Days(found, first, last, store_first({row["currency"] for row in found}))


def store_first(currencies: Iterable[str]) -> list[str]:
    """Order currencies: the store's own first."""
    return sorted({*currencies}, key=lambda code: (code != settings.STORE_CURRENCY, code)) or [settings.STORE_CURRENCY]


def buyers(first: date, last: date) -> dict[str, tuple[int, int]]:
    """Return distinct known buyers and, of those, the old ones of a range, by currency; "" is all.

    Old: paid in the 365 days before ``first``. A person who pays in two currencies is one buyer of
    each and one of all.
    """
    among = tuple(channels([]))
    currencies = {channel.currency for channel in among}
    if len(currencies) == 1 and (stored := periods.stored(first, last)) is not None:
        return dict.fromkeys(("", *currencies), stored) if stored[0] else {}
    return _counted(first, last, among)


def distinct_buyers(
    first: date, last: date, among: Sequence[Channel], *, channel: str = "", whole: bool = True
) -> tuple[int, int]:
    """Return (known buyers, old ones among them) of any range: as stored, else counted from the buyers' days.

    ``among`` are the channels that count; the one of the code ``channel``, where only that is asked for.
    ``whole``: they are all the store's, for which counts are stored.
    """
    if whole and not channel and (stored := periods.stored(first, last)) is not None:
        return stored
    wanted = tuple(item for item in among if channel in {"", item.code})
    return _counted(first, last, wanted).get("", (0, 0))


def _counted(first: date, last: date, among: Sequence[Channel]) -> dict[str, tuple[int, int]]:
    """Count the buyers of any range, by currency; a count is kept until buyers' days change."""

    def count() -> dict[str, tuple[int, int]]:
        found = grouping.people(Question(first, last, channels=tuple(among)))
        return {currency: (people.buyers, people.old) for (_key, currency), people in found.items()}

    return periods.kept(f"{first}:{last}:{','.join(map(str, sorted(channel.pk for channel in among)))}", count)


def of_items(first: date, last: date, currency: str, *, channel: str = "") -> QuerySet[SkuDay, Any]:
    """Return goods of a range grouped by SKU, else by the channel's code, with their title; unordered."""
    rows = SkuDay.objects.filter(
        day__gte=first,
        day__lte=last,
        channel__in=Channel.objects.counted(),
        channel__currency=currency,
        item__is_goods=True,
    )
    if channel:
        rows = rows.filter(channel__code=channel)
    named = rows.annotate(code=Coalesce("item__sku__code", "item__code")).values("code")
    return named.annotate(title=Max(Coalesce("item__sku__title", "item__title")))


_BY_NET: Final = """
    WITH sold AS (
        SELECT s.item_id, sum(s.paid) AS gross, sum(s.refunds) AS back FROM products_skuday s
        WHERE s.day >= %(first)s AND s.day <= %(last)s AND s.channel_id = ANY(%(channels)s)
        GROUP BY 1
    )
    SELECT coalesce(k.code, i.code) AS code, max(coalesce(k.title, i.title)) AS title,
           sum(gross - back) AS net, sum(gross) AS gross, sum(back) AS back
    FROM sold JOIN products_channelitem i ON i.id = sold.item_id LEFT JOIN products_sku k ON k.id = i.sku_id
    WHERE i.is_goods
    GROUP BY 1 ORDER BY $order LIMIT %(limit)s
"""


def items_by_net(
    first: date, last: date, among: Sequence[Channel], *, bottom: bool, limit: int
) -> list[dict[str, Any]]:
    """Return the goods with the highest or lowest net of a range in these channels (of one currency).

    Days are added up before anything is named: the names of a row a day would take longer than its sums.
    """
    order = "net, code DESC" if bottom else "net DESC, code"
    values = {"first": first, "last": last, "channels": [channel.pk for channel in among], "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_BY_NET.replace("$order", order), values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def item_days(
    code: str, first: date, last: date, *, channel: str = "", among: Among = None
) -> dict[str, dict[date, Sums]]:
    """Return the days of the item sold under ``code``, by currency: pieces, paid, refunds; one statement."""
    rows = SkuDay.objects.filter(
        day__gte=first, day__lte=last, channel__in=counted(among), item__in=ChannelItem.objects.sold_as(code)
    )
    if channel:
        rows = rows.filter(channel__code=channel)
    found: dict[str, dict[date, Sums]] = {}
    columns = ("orders", "pieces", "paid", "refunds", "refunds_of_orders", "refunds_without_order")
    for currency, day, *values in rows.values_list("channel__currency", "day", *columns):
        sums = found.setdefault(currency, {}).setdefault(day, Sums(currency))
        sums.add(dict.fromkeys(COLUMNS, 0) | dict(zip(columns, values, strict=True)))
    return found


def hours(days_wanted: Iterable[date], *, among: Among = None) -> list[dict[str, Any]]:
    """Return paid, orders and refunds by channel, day and hour of payment of a few days; one statement."""
    rows = PlaceHourDay.objects.filter(basis="paid", day__in=list(days_wanted), channel__in=counted(among))
    return list(
        rows.annotate(code=F("channel__code"), currency=F("channel__currency"))
        .values("code", "currency", "day", "hour")
        .annotate(paid_sum=Sum("paid"), orders_sum=Sum("orders"), refunds_sum=Sum("refunds"), pieces_sum=Sum("pieces"))
    )


_BEGUN_HOURS: Final = """
    SELECT c.code, c.currency, coalesce(o.paid, 0) AS paid_sum, coalesce(o.orders, 0) AS orders_sum,
           coalesce(r.refunds, 0) AS refunds_sum, coalesce(o.pieces, 0) AS pieces_sum
    FROM unnest(%(channels)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w (channel_id, starts, ends)
    JOIN products_channel c ON c.id = w.channel_id
    LEFT JOIN LATERAL (
        SELECT sum(o.paid) AS paid, count(*) AS orders, sum(o.pieces) AS pieces FROM products_order o
        WHERE o.channel_id = w.channel_id AND o.paid_at >= w.starts AND o.paid_at <= w.ends AND o.kind = 'sale' AND o.paid > 0
    ) o ON true
    LEFT JOIN LATERAL (
        SELECT sum(r.amount) AS refunds FROM products_refund r LEFT JOIN products_order p ON p.id = r.order_id
        WHERE r.channel_id = w.channel_id AND r.counted_at >= w.starts AND r.counted_at <= w.ends AND r.state = 'success'
          AND coalesce(p.kind, 'sale') = 'sale'
    ) r ON true
"""


def begun_hours(until: dict[int, datetime]) -> list[dict[str, Any]]:
    """Return the same sums of the hour each channel's instant lies in, up to the instant; one statement.

    Roll-ups know no minutes: these are read from the facts, of each channel a range of less than an
    hour over ``order_paid`` and ``refund_counted``.
    """
    if not until:
        return []
    values = {
        "channels": list(until),
        "starts": [clock.store_time(end).replace(minute=0, second=0, microsecond=0) for end in until.values()],
        "ends": list(until.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN_HOURS, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def told_of_days(first: date, last: date) -> dict[date, dict[str, str]]:
    """Return all that the roll-ups tell of each day, as one text per channel and basis: equal texts, equal days."""
    names = (*COLUMNS, "created", "unpaid", "payable", "goods_paid", "buyers")
    rows = SalesDay.objects.filter(day__gte=first, day__lte=last, channel__in=Channel.objects.counted())
    found: dict[date, dict[str, str]] = {}
    for day, code, basis, *values in rows.values_list("day", "channel__code", "basis", *names):
        text = " ".join(
            format(value.normalize(), "f") if isinstance(value, Decimal) else str(value) for value in values
        )
        found.setdefault(day, {})[f"{code} {basis}"] = text
    return found
