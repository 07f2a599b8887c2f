"""WooCommerce, by the common export add-on: one row an item, the order's totals repeated on each row."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from products.orders.formats.amounts import NOTHING, price_of
from products.orders.formats.declare import Values, field
from products.orders.formats.reader import TableFormat

STATES: Final = {
    "pending": "unpaid",
    "on-hold": "unpaid",
    "processing": "paid",
    "completed": "finished",
    "cancelled": "closed_unpaid",
    "failed": "closed_unpaid",
    "refunded": "closed_refunded",
}
PAID: Final = frozenset({"paid", "finished", "closed_refunded"})


class Orders(TableFormat):
    code, title, platform = "woocommerce_orders", _("WooCommerce orders"), "woocommerce"
    fields = (
        field("order_number", "order_number", "order_id", required=True, filled=True),
        field("created_at", "date", "order_date", required=True, filled=True),
        field("paid_at", "date_paid", "paid_date"),
        field("finished_at", "date_completed", "completed_date"),
        field("platform_state", "status", "order_status", required=True),
        field("postage", "shipping_total"),
        field("discount_store", "discount_total"),
        field("payable", "order_total", required=True, filled=True),
        field("stated_refund", "refunded_total"),
        field("currency", "order_currency"),
        field("buyer_id", "customer_id"),
        field("email", "billing_email"),
        field("phone", "billing_phone"),
        field("_first", "shipping_first_name", kind="text"),
        field("_last", "shipping_last_name", kind="text"),
        field("_street", "shipping_address_1", kind="text"),
        field("city", "shipping_city"),
        field("province", "shipping_state"),
        field("message", "customer_note"),
        field("line_key", "item_id", required=True, filled=True),
        field("title", "item_name", required=True),
        field("code", "item_sku"),
        field("quantity", "item_quantity", required=True, filled=True),
        field("amount", "item_total", required=True),
    )
    makes = frozenset(
        {"rec", "state", "paid", "paid_at", "unit_price", "line_paid", "receiver_name", "address", "notes"}
    )
    unused = (
        "order_id,tax_total,shipping_tax_total,fee_total,cart_discount,order_discount,payment_method,shipping_method,"
        "billing_first_name,billing_last_name,billing_company,billing_address_1,billing_address_2,billing_city,billing_state,"
        "billing_postcode,billing_country,shipping_company,shipping_address_2,shipping_postcode,shipping_country,item_tax,item_meta,"
        "coupon_items,order_notes,download_permissions_granted"
    )
    total_of = ()

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        state = values["state"] = STATES.get(values["platform_state"] or "", "unknown")
        paid = state in PAID or values.get("paid_at") is not None
        if paid and values.get("paid_at") is None:
            values["paid_at"] = values["created_at"]
            values["notes"] = ["paid_at_from_created"]
        if state == "closed_unpaid" and paid:
            values["state"] = "closed_refunded"
        values["paid"] = values["payable"] if paid else NOTHING
        if values.get("buyer_id") == "0":
            values["buyer_id"] = None
        values["unit_price"] = price_of(values["amount"], values["quantity"])
        values["line_paid"] = values["amount"] if paid else None
        values["receiver_name"] = " ".join(filter(None, (values.get("_first"), values.get("_last")))) or None
        values["address"] = values.get("_street")


FORMATS: Final = (Orders(),)
