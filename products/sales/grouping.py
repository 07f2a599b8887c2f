"""The roll-ups added up by a question's keys and currencies, and its buyers counted."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from products.sales.periods import bounds
from products.sales.questions import Question
from shopops import clock

TOTAL: Final = "total"
_KEYS: Final[dict[str | None, str]] = {
    None: f"'{TOTAL}'",
    "day": "to_char(s.day, 'YYYY-MM-DD')",
    "week": "to_char(s.day, 'IYYY-\"W\"IW')",
    "month": "to_char(s.day, 'YYYY-MM')",
    "weekday": "extract(isodow FROM s.day)::int::text",
    "hour": "s.hour::text",
    "channel": "c.code",
    "sku": "coalesce(k.code, i.code)",
    "province": "s.province",
}
# The day an "old" buyer must have paid before: the period's own first, or the range's where it begins later.
_BEGINS: Final[dict[str | None, str]] = {
    "day": "s.day",
    "week": "greatest(date_trunc('week', s.day::timestamp)::date, %(first)s)",
    "month": "greatest(date_trunc('month', s.day::timestamp)::date, %(first)s)",
}
_BY_PLACE: Final = ("hour", "province")
_FROM_FACTS: Final = ("hour", "province", "sku")  # what the buyers' days do not tell


@dataclass
class Cell:
    """Sums of one key in one currency (or in all, for counts)."""

    payable: Decimal = Decimal(0)
    created: int = 0
    unpaid: int = 0
    orders: int = 0
    paid: Decimal = Decimal(0)
    goods_paid: Decimal = Decimal(0)
    goods_pieces: int = 0
    pieces: int = 0
    known_orders: int = 0
    known_paid: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    refunds_without_order: Decimal = Decimal(0)
    refunds_of_orders: Decimal = Decimal(0)
    refunded_orders: int = 0
    unknown_paid: int = 0
    unknown_pieces: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(*(getattr(self, name) + getattr(other, name) for name in _NAMES))


_NAMES: Final = tuple(field.name for field in fields(Cell))
_OF_CREATED: Final = ("payable", "created", "unpaid")
_OF_REFUNDS: Final = ("refunds", "refunds_without_order")  # on the refund's own day: told by the paid basis only
_NOT_KEPT: Final = {
    "placehourday": ("known_orders", "known_paid"),
    "skuday": (
        "known_orders",
        "known_paid",
        "payable",
        "created",
        "unpaid",
        "refunded_orders",
        "unknown_paid",
        "unknown_pieces",
    ),
}
_RENAMED: Final = {"skuday": {"goods_paid": "paid", "goods_pieces": "pieces"}}


@dataclass(frozen=True)
class People:
    """Buyers of one key: counted once, whatever they bought."""

    buyers: int = 0
    old: int = 0
    known_orders: int = 0
    known_paid: Decimal = Decimal(0)


Cells = dict[tuple[str, str], Cell]


def sums(question: Question) -> Cells:
    """Return the sums by (key, currency); keys without any row are left out. One statement."""
    table = "skuday" if question.by == "sku" else "placehourday" if question.by in _BY_PLACE else "salesday"
    joins, more = "", " AND s.basis IN ('paid', 'created')"
    if table == "skuday":
        joins = "JOIN products_channelitem i ON i.id = s.item_id LEFT JOIN products_sku k ON k.id = i.sku_id"
        more = " AND i.is_goods"
    columns = ", ".join(_column(table, name, question.basis) for name in _NAMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {_KEYS[question.by]}, c.currency, {columns}
            FROM products_{table} s JOIN products_channel c ON c.id = s.channel_id {joins}
            WHERE s.day >= %(first)s AND s.day <= %(last)s AND s.channel_id = ANY(%(channels)s){more}
            GROUP BY 1, 2
            """,
            _values(question),
        )
        return {(key, currency): Cell(*row) for key, currency, *row in cursor.fetchall()}


def _column(table: str, name: str, basis: str) -> str:
    if name in _NOT_KEPT.get(table, ()):
        return f"0 AS {name}"
    column = f"sum(s.{_RENAMED.get(table, {}).get(name, name)})"
    if table != "skuday":
        wanted = "created" if name in _OF_CREATED else "paid" if name in _OF_REFUNDS else basis
        column += f" FILTER (WHERE s.basis = '{wanted}')"
    return f"coalesce({column}, 0) AS {name}"


def _values(question: Question) -> dict[str, Any]:
    return {
        "first": question.first,
        "last": question.last,
        "channels": [channel.pk for channel in question.channels],
        "zone": clock.store_zone().key,
        "starts": clock.day_range(question.first)[0],
        "ends": clock.day_range(question.last)[1],
    }


def people(question: Question) -> dict[tuple[str, str], People]:
    """Return the buyers by (key, currency) and, over all currencies, by (key, ""). One statement.

    Counted from the buyers' days; by hour, place, item or creation from the orders of the range.
    """
    same = "AND e.channel_id = s.channel_id" if question.by == "channel" else "AND e.channel_id = ANY(%(channels)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH bought AS (
                SELECT {_KEYS[question.by]} AS key, {_BEGINS.get(question.by, "%(first)s::date")} AS begins, c.currency,
                       s.customer_id, {"s.channel_id" if question.by == "channel" else "0 AS channel_id"},
                       sum(s.orders) AS orders, sum(s.paid) AS paid
                FROM {_source(question)} s JOIN products_channel c ON c.id = s.channel_id
                {"JOIN products_channelitem i ON i.id = s.item_id LEFT JOIN products_sku k ON k.id = i.sku_id" if question.by == "sku" else ""}
                GROUP BY 1, 2, 3, 4, 5
            ), seen AS (
                SELECT s.*, EXISTS (
                    SELECT FROM products_buyerday e
                    WHERE e.customer_id = s.customer_id AND e.day >= s.begins - 365 AND e.day < s.begins {same}
                ) AS old
                FROM bought s
            )
            SELECT key, CASE WHEN grouping(currency) = 1 THEN '' ELSE currency END, count(DISTINCT customer_id),
                   count(DISTINCT customer_id) FILTER (WHERE old), sum(orders), sum(paid)
            FROM seen GROUP BY GROUPING SETS ((key), (key, currency))
            """,
            _values(question),
        )
        return {(key, currency): People(*row) for key, currency, *row in cursor.fetchall()}


def _source(question: Question) -> str:
    if question.basis == "paid" and question.by not in _FROM_FACTS:
        return """(SELECT * FROM products_buyerday b
                   WHERE b.day >= %(first)s AND b.day <= %(last)s AND b.channel_id = ANY(%(channels)s))"""
    at = "paid_at" if question.basis == "paid" else "created_at"
    local = f"(o.{at} AT TIME ZONE %(zone)s)"
    line = ", l.item_id" if question.by == "sku" else ""
    return f"""(SELECT {local}::date AS day, extract(hour FROM {local})::int AS hour, o.province, o.channel_id, o.customer_id{line},
                       1 AS orders, {"coalesce(l.paid, 0)" if line else "o.paid"} AS paid
                FROM products_order o {"JOIN products_orderline l ON l.order_id = o.id AND l.kind = 'goods'" if line else ""}
                WHERE o.channel_id = ANY(%(channels)s) AND o.{at} >= %(starts)s AND o.{at} < %(ends)s
                  AND o.kind = 'sale' AND o.paid > 0 AND o.customer_id IS NOT NULL)"""


def returning(question: Question, ends: dict[str, date]) -> dict[str, tuple[int, int]]:
    """Return, by key, buyers with two or more effective orders and with one or more in the window up to ``ends[key]``.

    Effective: not refunded in full. By channel each looks at its own orders.
    """
    codes = {channel.code: [channel.pk] for channel in question.channels}
    every = [channel.pk for channel in question.channels]
    found = {}
    with connection.cursor() as cursor:
        for key, last in ends.items():
            cursor.execute(
                """
                SELECT count(*) FILTER (WHERE effective >= 2), count(*) FILTER (WHERE effective >= 1) FROM (
                    SELECT sum(b.effective_orders) AS effective FROM products_buyerday b
                    WHERE b.day > %s AND b.day <= %s AND b.channel_id = ANY(%s) GROUP BY b.customer_id
                ) c
                """,
                [last - timedelta(days=question.window), last, codes[key] if question.by == "channel" else every],
            )
            found[key] = cursor.fetchone()
    return found


def key_of(by: str) -> Callable[[date], str]:
    """Return what names a day's key: 2010-12-01, 2010-W48, 2010-12, or the weekday 1 … 7."""
    writers: dict[str, Callable[[date], str]] = {
        "day": date.isoformat,
        "week": lambda day: "{}-W{:02}".format(*day.isocalendar()[:2]),
        "month": lambda day: f"{day:%Y-%m}",
        "weekday": lambda day: str(day.isoweekday()),
    }
    return writers[by]


def ends(question: Question) -> dict[str, date]:
    """Return the last day of each key's period within the range; empty where keys are no periods."""
    if question.by in {"day", "week", "month"}:
        name = key_of(question.by)
        return {name(day): min(bounds(question.by, day)[1], question.last) for day in question.days}
    if question.by == "channel":
        return {channel.code: question.last for channel in question.channels}
    return {TOTAL: question.last} if question.by is None else {}
