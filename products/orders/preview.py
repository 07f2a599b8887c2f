"""What an import would change, beside its counts: fields of some orders from → to, and each month's figures.

Computed from the tables :func:`products.orders.merge.merging.prepare` made, in the same transaction, and
kept with the batch, so that the page reads nothing but its row. What stands there is masked already.
"""

import json
from decimal import Decimal
from typing import Any, Final

from django.apps import apps
from django.db import connection
from django.db.models import DecimalField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.channels.models import Channel
from products.orders.filters import NOTES
from products.orders.merge.lines import LINE_COLUMNS
from products.orders.merge.orders import ORDER_COLUMNS
from products.orders.merge.refunds import REFUND_COLUMNS
from products.orders.merge.statements import Source
from shopops.access.personal import mask_name
from shopops.exchange.models import ImportBatch
from shopops.ui import formats
from shopops.ui.timeline import field_words
from shopops.words import listed

ORDERS: Final = 20  # whose fields are shown
FIELDS: Final = 120  # kept of them all
MONTHS: Final = 60
_TABLES: Final = {"order": "products_order", "line": "products_orderline", "refund": "products_refund"}
LABELS: Final = {
    "kind": gettext_lazy("Kind"),
    "state": gettext_lazy("State"),
    "platform_state": gettext_lazy("Platform's state"),
    "created_at": gettext_lazy("Ordered at"),
    "paid_at": gettext_lazy("Paid at"),
    "shipped_at": gettext_lazy("Shipped at"),
    "finished_at": gettext_lazy("Finished at"),
    "closed_at": gettext_lazy("Closed at"),
    "due_at": gettext_lazy("Deadline"),
    "payable": gettext_lazy("Payable"),
    "paid": gettext_lazy("Paid"),
    "given_paid": gettext_lazy("Paid of the line"),
    "received": gettext_lazy("Received by the store"),
    "goods_paid": gettext_lazy("Paid for goods"),
    "postage": gettext_lazy("Postage"),
    "discount_store": gettext_lazy("Store's discount"),
    "discount_platform": gettext_lazy("Platform's discount"),
    "stated_refund": gettext_lazy("Refunded as stated"),
    "buyer": gettext_lazy("Buyer"),
    "province": gettext_lazy("Province"),
    "city": gettext_lazy("City"),
    "district": gettext_lazy("District"),
    "message": gettext_lazy("Buyer's message"),
    "memo": gettext_lazy("Memo"),
    "flag": gettext_lazy("Flag"),
    "talent": gettext_lazy("Talent"),
    "pieces": gettext_lazy("Pieces"),
    "line_count": gettext_lazy("Lines"),
    "titles": gettext_lazy("Goods"),
    "notes": gettext_lazy("To look at"),
    "attributes": gettext_lazy("Colour and size"),
    "quantity": gettext_lazy("Pieces"),
    "unit_price": gettext_lazy("Unit price"),
    "amount": gettext_lazy("Amount"),
    "item_id": gettext_lazy("SKU code"),
    "order_number": gettext_lazy("Order"),
    "reason": gettext_lazy("Reason"),
    "requested_at": gettext_lazy("Asked at"),
    "done_at": gettext_lazy("Done at"),
}
_KEYS: Final = frozenset({"buyer_key", "order_id", "line_id", "key"})  # name nothing a person knows


def compute(source: Source) -> dict[str, Any]:
    """Return a sample of the changes and the months' figures before and after, ready for JSON.

    Call it after ``prepare`` in its transaction. Months are of store days by payment; before: from the
    day roll-ups, after: with the differences of the orders that are new or change.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"orders": ORDERS, "fields": FIELDS})
        changes = [_kept(*row) for row in cursor.fetchall()]
        cursor.execute(_FIGURES, {"channel": source.channel_id, "zone": source.zone, "months": MONTHS})
        figures = [[month.isoformat(), *map(str, values)] for month, *values in cursor.fetchall()]
    return {"changes": changes, "months": figures}


def _kept(number: str, kind: str, what: str, field: str, before: str | None, after: str | None) -> list[str | None]:
    if field == "buyer":
        before, after = (mask_name(value) if value else value for value in (before, after))
    return [number, kind, what, field, before and before[:200], after and after[:200]]


def _pairs(left: str, right: str, names: tuple[str, ...]) -> str:
    """Rows (field, before, after, differs) of the columns of two row aliases."""
    return ", ".join(
        f"('{name}', to_jsonb({left}.{name}) #>> '{{}}', to_jsonb({right}.{name}) #>> '{{}}',"
        f" {left}.{name} IS DISTINCT FROM {right}.{name})"
        for name in names
        if name not in _KEYS
    )


_CHANGES: Final = f"""
    WITH sampled AS (
        SELECT number, order_id, changed, lines_added + lines_changed > 0 AS has_lines FROM m_changes
        WHERE order_id IS NOT NULL AND (changed OR lines_added + lines_changed > 0)
        ORDER BY number LIMIT %(orders)s
    ), refunds AS (
        SELECT r.* FROM m_refunds r JOIN products_refund x ON x.id = r.refund_id
        WHERE EXISTS (SELECT FROM (VALUES {_pairs("x", "r", REFUND_COLUMNS)}) v (field, before, after, differs) WHERE v.differs)
        ORDER BY r.number LIMIT %(orders)s
    )
    SELECT number, kind, what, field, before, after FROM (
        SELECT s.number, 'order' AS kind, '' AS what, v.* FROM sampled s
        JOIN m_final f ON f.number = s.number JOIN products_order x ON x.id = s.order_id
        CROSS JOIN LATERAL (VALUES {_pairs("x", "f", ORDER_COLUMNS)}) v (field, before, after, differs)
        WHERE s.changed AND v.differs
        UNION ALL
        SELECT s.number, 'line', i.code, v.* FROM sampled s
        JOIN m_all a ON a.number = s.number JOIN products_orderline y ON y.id = a.line_id
        JOIN products_channelitem i ON i.id = y.item_id
        CROSS JOIN LATERAL (
            VALUES {_pairs("y", "a", LINE_COLUMNS)}, ('item_id', i.code, a.code, i.code <> a.code)
        ) v (field, before, after, differs)
        WHERE s.has_lines AND v.differs
        UNION ALL
        SELECT s.number, 'line', a.code, 'quantity', NULL, a.quantity::text, true FROM sampled s
        JOIN m_all a ON a.number = s.number AND a.line_id IS NULL
        WHERE s.has_lines
        UNION ALL
        SELECT r.order_number, 'refund', r.number, v.* FROM refunds r JOIN products_refund x ON x.id = r.refund_id
        CROSS JOIN LATERAL (VALUES {_pairs("x", "r", REFUND_COLUMNS)}) v (field, before, after, differs)
        WHERE v.differs
    ) found
    ORDER BY kind = 'refund', number, kind DESC, what, field LIMIT %(fields)s
"""
_FIGURES: Final = """
    WITH moved AS (
        SELECT date_trunc('month', f.paid_at AT TIME ZONE %(zone)s)::date AS month, 1 AS orders, f.paid
        FROM m_final f JOIN m_changes c ON c.number = f.number AND (c.changed OR c.order_id IS NULL)
        WHERE f.kind = 'sale' AND f.paid > 0 AND f.paid_at IS NOT NULL
        UNION ALL
        SELECT date_trunc('month', x.paid_at AT TIME ZONE %(zone)s)::date, -1, -x.paid
        FROM m_changes c JOIN products_order x ON x.id = c.order_id
        WHERE c.changed AND x.kind = 'sale' AND x.paid > 0 AND x.paid_at IS NOT NULL
    ), after AS (
        SELECT month, sum(orders) AS orders, sum(paid) AS paid FROM moved
        GROUP BY month HAVING sum(orders) <> 0 OR sum(paid) <> 0
        ORDER BY month DESC LIMIT %(months)s
    )
    SELECT a.month, coalesce(b.orders, 0), coalesce(b.orders, 0) + a.orders, coalesce(b.paid, 0), coalesce(b.paid, 0) + a.paid
    FROM after a
    LEFT JOIN LATERAL (
        SELECT sum(s.orders) AS orders, sum(s.paid) AS paid FROM products_salesday s
        WHERE s.channel_id = %(channel)s AND s.basis = 'paid' AND s.day >= a.month AND s.day < a.month + interval '1 month'
    ) b ON true
    ORDER BY a.month
"""


def shown(batch: ImportBatch, channel: Channel | None) -> dict[str, Any]:
    """Return the kept preview as the page shows it: ``changes`` and ``months``, both perhaps empty."""
    kept = batch.reading.get("preview") or {}
    brings = batch.counts.get("new", 0) + batch.counts.get("changed", 0)
    return {
        "no_figures": bool(brings) and "months" in kept and not kept["months"],
        "changes": [_change(*row) for row in kept.get("changes", ())],
        "months": [_month(*row, channel=channel) for row in kept.get("months", ())],
    }


def _change(number: str, kind: str, what: str, field: str, before: str | None, after: str | None) -> dict[str, Any]:
    of = {"order": "", "line": _("line %(code)s"), "refund": _("refund %(code)s")}[kind]
    is_new_line = kind == "line" and field == "quantity" and before is None
    return {
        "number": number,
        "of": of % {"code": what} if of else "",
        "field": _("New line, pieces") if is_new_line else LABELS[field],
        "before": _words(kind, field, before),
        "after": _words(kind, field, after),
    }


def _words(kind: str, field: str, value: str | None) -> str:
    if field == "notes":
        known = dict(NOTES)
        return listed(str(known.get(note, note)) for note in json.loads(value or "[]")) or formats.ABSENT
    if field == "item_id":
        return value or formats.ABSENT
    model = next(model for model in apps.get_models() if model._meta.db_table == _TABLES[kind])
    if value and isinstance(model._meta.get_field(field), DecimalField) and Decimal(value) == round(Decimal(value), 2):
        return formats.money(Decimal(value))
    return field_words(model, field, value)


def _month(month: str, *values: str, channel: Channel | None) -> dict[str, Any]:
    orders, orders_after, paid, paid_after = map(Decimal, values)
    symbol = formats.symbol(channel.currency) if channel else ""
    return {
        "month": month[:7],
        "orders": formats.number(int(orders)),
        "orders_after": formats.number(int(orders_after)),
        "paid": symbol + formats.money(paid),
        "paid_after": symbol + formats.money(paid_after),
    }
