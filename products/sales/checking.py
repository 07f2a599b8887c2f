"""Do the day roll-ups still tell the facts? Compared exactly, per channel and day, by sums of their own.

Days waiting to be recomputed are no difference. Distinct buyers of periods are compared with the buyers' days.
"""

from typing import Any, Final

from django.db import connection

from products.channels.models import Channel
from shopops.clock import store_zone

_SALE: Final = "o.kind = 'sale'"
_SUCCESS: Final = "r.state = 'success' AND r.counted_at IS NOT NULL AND coalesce(o.kind, 'sale') = 'sale'"
_PAYING: Final = f"{_SALE} AND o.paid > 0 AND o.paid_at IS NOT NULL"


def _day(column: str) -> str:
    return f"({column} AT TIME ZONE %(zone)s)::date"


def _orders(at: str) -> str:
    return f"""
        SELECT o.channel_id, {_day(f"o.{at}")} AS day, count(*) FILTER (WHERE o.paid > 0) AS orders, count(*) AS created,
               coalesce(sum(o.payable), 0) AS payable, coalesce(sum(o.paid) FILTER (WHERE o.paid > 0), 0) AS paid,
               coalesce(sum(o.pieces) FILTER (WHERE o.paid > 0), 0) AS pieces,
               coalesce(sum(o.refunded) FILTER (WHERE o.paid > 0), 0) AS refunds_of_orders
        FROM products_order o WHERE {_SALE} AND o.{at} IS NOT NULL GROUP BY 1, 2
    """


_REFUNDS: Final = f"""
    SELECT r.channel_id, {_day("r.counted_at")} AS day, sum(r.amount) AS refunds
    FROM products_refund r LEFT JOIN products_order o ON o.id = r.order_id WHERE {_SUCCESS} GROUP BY 1, 2
"""
_ORDER_COLUMNS: Final = ("orders", "created", "payable", "paid", "pieces", "refunds_of_orders")


def _of(table: str, columns: tuple[str, ...], where: str = "true") -> str:
    sums = ", ".join(f"sum({name}) AS {name}" for name in columns)
    return f"SELECT channel_id, day, {sums} FROM products_{table} WHERE {where} GROUP BY 1, 2"


# (roll-up, columns, what the facts say, what the roll-up says)
_PAIRS: Final = (
    *(
        (f"{table} {basis}", _ORDER_COLUMNS, _orders(f"{basis}_at"), _of(table, _ORDER_COLUMNS, f"basis = '{basis}'"))
        for table in ("salesday", "placehourday")
        for basis in ("paid", "created")
    ),
    ("salesday refunds", ("refunds",), _REFUNDS, _of("salesday", ("refunds",), "basis = 'paid'")),
    ("placehourday refunds", ("refunds",), _REFUNDS, _of("placehourday", ("refunds",), "basis = 'paid'")),
    (
        "buyerday",
        ("orders", "paid"),
        f"""SELECT o.channel_id, {_day("o.paid_at")} AS day, count(*) AS orders, sum(o.paid) AS paid
            FROM products_order o WHERE {_PAYING} AND o.customer_id IS NOT NULL GROUP BY 1, 2""",
        _of("buyerday", ("orders", "paid")),
    ),
    (
        "skuday",
        ("pieces", "paid"),
        f"""SELECT o.channel_id, {_day("o.paid_at")} AS day, sum(l.quantity) AS pieces, sum(coalesce(l.paid, 0)) AS paid
            FROM products_order o JOIN products_orderline l ON l.order_id = o.id
            WHERE {_PAYING} AND l.kind IN ('goods', 'charge') GROUP BY 1, 2""",
        _of("skuday", ("pieces", "paid")),
    ),
    (
        "skuday refunds",
        ("refunds",),
        f"""SELECT r.channel_id, {_day("r.counted_at")} AS day, sum(l.amount) AS refunds
            FROM products_refund r LEFT JOIN products_order o ON o.id = r.order_id
            JOIN products_refundline l ON l.refund_id = r.id WHERE {_SUCCESS} GROUP BY 1, 2""",
        _of("skuday", ("refunds",)),
    ),
)
_COMPARE: Final = """
    SELECT c.code, v.day, v.name, trim_scale(coalesce(v.facts, 0)), trim_scale(coalesce(v.rollup, 0))
    FROM ({facts}) f FULL JOIN ({rollup}) r ON r.channel_id = f.channel_id AND r.day = f.day
    CROSS JOIN LATERAL (
        SELECT coalesce(f.channel_id, r.channel_id) AS channel_id, coalesce(f.day, r.day) AS day, n.*
        FROM (VALUES {values}) n (name, facts, rollup)
    ) v
    JOIN products_channel c ON c.id = v.channel_id
    WHERE coalesce(v.facts, 0) <> coalesce(v.rollup, 0)
      AND NOT EXISTS (SELECT FROM products_dirtyday d WHERE d.channel_id = v.channel_id AND d.day = v.day)
    ORDER BY v.day, c.code, v.name
"""
_PEOPLE: Final = """
    SELECT p.kind, p.first_day, p.buyers, (
        SELECT count(DISTINCT b.customer_id) FROM products_buyerday b
        WHERE b.day BETWEEN p.first_day AND p.last_day AND b.channel_id = ANY(%(channels)s)
    ) AS facts
    FROM (
        SELECT kind, first_day, last_day, CASE WHEN kind LIKE 'to%%' THEN so_far ELSE buyers END AS buyers FROM (
            SELECT kind, first_day, last_day, buyers,
                   sum(buyers) OVER (PARTITION BY first_day, kind LIKE 'to%%' ORDER BY last_day) AS so_far
            FROM products_buyersofperiod WHERE channel_id IS NULL
        ) s
    ) p
"""


def differences() -> list[dict[str, Any]]:
    """Return each roll-up, channel and day that differs from the facts, the oldest first within a roll-up."""
    found = []
    with connection.cursor() as cursor:
        for table, columns, facts, rollup in _PAIRS:
            values = ", ".join(f"('{name}', f.{name}::numeric, r.{name}::numeric)" for name in columns)
            cursor.execute(_COMPARE.format(facts=facts, rollup=rollup, values=values), {"zone": store_zone().key})
            found += [_row(table, *row) for row in cursor.fetchall()]
        channels = list(Channel.objects.counted().values_list("pk", flat=True))
        cursor.execute(f"SELECT * FROM ({_PEOPLE}) p WHERE buyers <> facts ORDER BY 2, 1", {"channels": channels})
        found += [
            _row("buyersofperiod", "*", day, kind, facts, buyers) for kind, day, buyers, facts in cursor.fetchall()
        ]
    return found


def _row(table: str, channel: str, day: Any, column: str, facts: Any, rollup: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the two columns hold
    return {
        "table": table,
        "channel": channel,
        "day": day.isoformat(),
        "column": column,
        "facts": str(facts),
        "rollup": str(rollup),
    }
