"""A customer's sums, recomputed from their orders: those in metrics are paid sales (more than 0)."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection, transaction

_TOUCHED: Final = """
    CREATE TEMP TABLE touched_people ON COMMIT DROP AS
    SELECT o.customer_id AS id FROM products_order o WHERE o.batch_id = ANY(%(batches)s) AND o.customer_id IS NOT NULL
    UNION
    SELECT o.customer_id FROM products_refund r JOIN products_order o ON o.id = r.order_id
    WHERE r.batch_id = ANY(%(batches)s) AND o.customer_id IS NOT NULL
    UNION
    SELECT o.customer_id FROM shopops_change c JOIN products_order o ON o.id = c.row_id
    WHERE c.source = ANY(%(sources)s) AND c.table_name = 'products_order' AND o.customer_id IS NOT NULL
    UNION
    SELECT (CASE c.op WHEN 'delete' THEN c.changes ->> 'customer_id' ELSE c.changes -> 'customer_id' ->> 0 END)::bigint
    FROM shopops_change c
    WHERE c.source = ANY(%(sources)s) AND c.table_name = 'products_order' AND c.changes ? 'customer_id'
"""
_GIVEN: Final = "CREATE TEMP TABLE touched_people ON COMMIT DROP AS SELECT unnest(%(ids)s::bigint[]) AS id"
_COLUMNS: Final = "orders, paid, refunded, net, first_paid_at, last_paid_at"
_STATEMENTS: Final = (
    "ANALYZE touched_people",
    """
    CREATE TEMP TABLE values_now ON COMMIT DROP AS
    SELECT o.customer_id, c.currency, count(*) AS orders, sum(o.paid) AS paid, sum(o.refunded) AS refunded,
           sum(o.paid) - sum(o.refunded) AS net, min(o.paid_at) AS first_paid_at, max(o.paid_at) AS last_paid_at
    FROM touched_people t
    JOIN products_order o ON o.customer_id = t.id
    JOIN products_channel c ON c.id = o.channel_id
    WHERE o.kind = 'sale' AND o.paid > 0
    GROUP BY 1, 2
    """,
    """
    DELETE FROM customers_customervalue x USING touched_people t
    WHERE x.customer_id = t.id
      AND NOT EXISTS (SELECT FROM values_now v WHERE v.customer_id = x.customer_id AND v.currency = x.currency)
    """,
    f"""
    UPDATE customers_customervalue x SET ({_COLUMNS}) = ROW (v.orders, v.paid, v.refunded, v.net, v.first_paid_at, v.last_paid_at)
    FROM values_now v WHERE x.customer_id = v.customer_id AND x.currency = v.currency
      AND (x.orders, x.paid, x.refunded, x.net, x.first_paid_at, x.last_paid_at)
          IS DISTINCT FROM (v.orders, v.paid, v.refunded, v.net, v.first_paid_at, v.last_paid_at)
    """,
    f"""
    INSERT INTO customers_customervalue (customer_id, currency, {_COLUMNS})
    SELECT customer_id, currency, {_COLUMNS} FROM values_now v
    WHERE NOT EXISTS (SELECT FROM customers_customervalue x WHERE x.customer_id = v.customer_id AND x.currency = v.currency)
    ORDER BY customer_id, currency
    """,
    "DROP TABLE touched_people, values_now",
)


def recompute(customer_ids: Iterable[int]) -> None:
    """Recompute the sums of these customers, in each channel's currency."""
    _run(_GIVEN, {"ids": list(customer_ids)})


def after_import(batch_ids: Sequence[int], _claim: object) -> None:
    """Recompute the sums of the customers whose orders or refunds these batches changed."""
    _run(
        _TOUCHED,
        {"batches": list(batch_ids), "sources": [f"{why}:{pk}" for pk in batch_ids for why in ("import", "undo")]},
    )


def _run(touched: str, values: dict[str, object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.value'))")
        cursor.execute(touched, values)
        for statement in _STATEMENTS:
            cursor.execute(statement)
