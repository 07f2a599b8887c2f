"""A few rows of a staged file as they were understood, personal ones masked."""

from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from products.orders.staging import table_of
from products.orders.states import State
from shopops.access.personal import mask_name
from shopops.ui import formats

if TYPE_CHECKING:
    from shopops.exchange.models import ImportBatch

ROWS: Final = 8
SHOWN: Final = {
    "row_no": _("Row"),
    "order_number": _("Order"),
    "state": _("State"),
    "created_at": _("Ordered at"),
    "paid_at": _("Paid at"),
    "code": _("Code"),
    "title": _("Goods"),
    "quantity": _("Pieces"),
    "paid": _("Paid"),
    "line_paid": _("Paid of the line"),
    "unit_price": _("Unit price"),
    "buyer_id": _("Buyer"),
    "phone_mask": _("Phone"),
    "province": _("Province"),
    "waybill": _("Waybill"),
    "refund_number": _("Refund"),
    "refund_amount": _("Amount"),
    "refund_state": _("Refund's state"),
    "memo": _("Memo"),
}
MONEY: Final = frozenset({"paid", "line_paid", "unit_price", "refund_amount"})


def sample_of(batch: "ImportBatch") -> dict[str, Any] | None:
    """Return labels and the first staged rows; None where the staging table is gone."""
    names = list(SHOWN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"stage.orders_{int(batch.pk)}"])
        if cursor.fetchone()[0] is None:
            return None
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        cursor.execute(
            sql.SQL("SELECT {} FROM {} ORDER BY row_no LIMIT {}").format(columns, table_of(batch.pk), sql.Literal(ROWS))
        )
        rows = cursor.fetchall()
    given = [index for index in range(len(names)) if any(row[index] not in (None, "") for row in rows)]
    return {
        "labels": [
            (SHOWN[names[index]], names[index] in MONEY or names[index] in ("row_no", "quantity")) for index in given
        ],
        "rows": [
            [
                (_shown(names[index], row[index]), names[index] in MONEY or names[index] in ("row_no", "quantity"))
                for index in given
            ]
            for row in rows
        ],
    }


def _shown(name: str, value: Any) -> str:
    if value is None:
        return formats.ABSENT
    if name in MONEY:
        return formats.money(value)
    if name.endswith("_at"):
        return formats.moment(value)
    if name == "state":
        return str(dict(State.choices).get(value, value))
    if name == "buyer_id":
        return mask_name(str(value))
    return str(value)[:60]
