"""Do the day roll-ups still tell the facts? Compared exactly, per channel and day."""

from typing import Any, Final

from django.db import connection

from shopops.clock import store_zone

# Money, orders and pieces of the paid basis; days waiting to be recomputed are no difference.
_SQL: Final = """
    WITH facts AS (
        SELECT o.channel_id, (o.paid_at AT TIME ZONE %(zone)s)::date AS day,
               count(*) AS orders, sum(o.paid) AS paid, sum(coalesce(o.pieces, 0)) AS pieces
        FROM products_order o
        WHERE o.kind = 'sale' AND o.paid > 0 AND o.paid_at IS NOT NULL
        GROUP BY 1, 2
    ), rollups AS (
        SELECT channel_id, day, orders, paid, pieces FROM products_salesday
        WHERE basis = 'paid' AND (orders <> 0 OR paid <> 0)
    )
    SELECT c.code, coalesce(f.day, r.day), f.orders, r.orders, f.paid, r.paid, f.pieces, r.pieces
    FROM facts f FULL JOIN rollups r ON r.channel_id = f.channel_id AND r.day = f.day
    JOIN products_channel c ON c.id = coalesce(f.channel_id, r.channel_id)
    WHERE (f.orders, f.paid, f.pieces) IS DISTINCT FROM (r.orders, r.paid, r.pieces)
      AND NOT EXISTS (SELECT FROM products_dirtyday d WHERE d.channel_id = c.id AND d.day = coalesce(f.day, r.day))
    ORDER BY 2, 1
"""


def differences() -> list[dict[str, Any]]:
    """Return each channel and day whose roll-up differs from its orders, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"zone": store_zone().key})
        rows = cursor.fetchall()
    names = ("orders", "paid", "pieces")
    return [
        {
            "channel": code,
            "day": day.isoformat(),
            **{f"{name}_{side}": None if value is None else str(value) for name, pair in zip(names, (pairs[0:2], pairs[2:4], pairs[4:6]), strict=True) for side, value in zip(("facts", "rollup"), pair, strict=True)},
        }
        for code, day, *pairs in rows
    ]
