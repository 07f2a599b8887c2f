"""Shopify orders: one row a line, what belongs to the order on its first row only."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from products.orders.formats.amounts import NOTHING, amount_of
from products.orders.formats.declare import Values, field
from products.orders.formats.reader import TableFormat

UNPAID: Final = frozenset({"pending", "authorized", "voided", "expired"})
FULFILLED: Final = {"fulfilled": "finished", "partial": "partly_shipped"}


def state_of(values: Values) -> str | None:
    """Read payment and fulfilment together; None on an order's further rows."""
    payment = values.get("platform_state")
    if payment is None:
        return None
    if payment == "refunded":
        return "closed_refunded"
    if payment in UNPAID:
        return "closed_unpaid" if values.get("closed_at") or payment in {"voided", "expired"} else "unpaid"
    if payment == "partially_paid":
        return "deposit_paid"
    if payment not in {"paid", "partially_refunded"}:
        return "unknown"
    if values.get("closed_at"):
        return "closed_refunded"
    return FULFILLED.get(values.get("_fulfilment") or "", "paid")


class Orders(TableFormat):
    code, title, platform = "shopify_orders", _("Shopify orders"), "shopify"
    fields = (
        field("order_number", "Name", required=True, filled=True),
        field("email", "Email"),
        field("platform_state", "Financial Status", required=True),
        field("paid_at", "Paid at", required=True),
        field("_fulfilment", "Fulfillment Status", kind="text", required=True),
        field("shipped_at", "Fulfilled at"),
        field("currency", "Currency"),
        field("postage", "Shipping"),
        field("payable", "Total", required=True),
        field("discount_store", "Discount Amount"),
        field("created_at", "Created at", required=True, filled=True),
        field("quantity", "Lineitem quantity", required=True, filled=True),
        field("title", "Lineitem name", required=True),
        field("unit_price", "Lineitem price", required=True),
        field("code", "Lineitem sku"),
        field("line_state", "Lineitem fulfillment status"),
        field("_discount", "Lineitem discount", kind="amount"),
        field("receiver_name", "Shipping Name"),
        field("_street", "Shipping Street", "Shipping Address1", kind="text"),
        field("city", "Shipping City"),
        field("_state", "Shipping Province", kind="text"),
        field("_province", "Shipping Province Name", kind="text"),
        field("phone", "Shipping Phone"),
        field("_phone", "Phone", kind="phone"),
        field("message", "Notes"),
        field("memo", "Tags"),
        field("closed_at", "Cancelled at"),
        field("stated_refund", "Refunded Amount"),
    )
    makes = frozenset({"rec", "state", "paid", "amount", "line_paid", "province", "address"})
    unused = (
        "Accepts Marketing,Subtotal,Taxes,Discount Code,Shipping Method,Lineitem compare at price,Lineitem requires shipping,"
        "Lineitem taxable,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
        "Billing Province,Billing Country,Billing Phone,Shipping Address1,Shipping Address2,Shipping Company,Shipping Zip,"
        "Shipping Country,Note Attributes,Payment Method,Payment Reference,Vendor,Outstanding Balance,Employee,Location,Device ID,"
        "Id,Risk Level,Source,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
        "Tax 5 Name,Tax 5 Value,Receipt Number,Duties,Billing Province Name,Payment ID,Payment Terms Name,Next Payment Due At,"
        "Payment References"
    )
    total_of = ("payable",)

    def finish(self, values: Values) -> None:
        values["rec"] = "line"
        state = values["state"] = state_of(values)
        if state is not None:
            unpaid = values["platform_state"] in UNPAID
            values["paid"] = NOTHING if unpaid else values.get("payable")
            if not unpaid and values.get("paid_at") is None:
                values["paid_at"] = values["created_at"]
        amount = values["amount"] = amount_of(values)
        if amount is not None and values.get("_discount") is not None:
            values["line_paid"] = max(NOTHING, amount - values["_discount"])
        values["province"] = values.get("_province") or values.get("_state")
        values["address"] = values.get("_street")


FORMATS: Final = (Orders(),)
