"""What the sales figures mean (handbook 6 §2); computed by :mod:`products.sales.figures`."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from shopops.metrics.registry import Metric

_PAID = _("By the store day of payment, or of creation where asked.")
_CREATED = _("Always by the store day of creation.")
_OWN_DAY = _("By the refund's own store day, or by the order's where asked.")
_BY_ORDER = _("Refunds go back to their orders, whenever they were done.")
_ADDS = _("Adds up over days and channels of one currency.")
_COUNTS = _("Adds up over days and channels.")
_PEOPLE = _("Does not add up: people are counted once per period.")
_FROM_SUMS = _("Does not add up: recomputed from sums, never averaged.")

METRICS: Final = [
    Metric("gmv", _("GMV"), "money", _("Payable of all orders created, paid or not."), _CREATED, _ADDS, "analyst", by_currency=True),
    Metric("paid", _("Paid"), "money", _("What buyers paid with postage, before refunds."), _PAID, _ADDS, "analyst", by_currency=True),
    Metric("refunds", _("Refunds"), "money", _("Successful refunds, also those without an order."), _OWN_DAY, _ADDS, "service_lead", by_currency=True),
    Metric("net", _("Net sales"), "money", _("Paid less refunds."), _OWN_DAY, _ADDS, "analyst", by_currency=True),
    Metric("orders", _("Orders"), "count", _("Orders with paid money; no test, exchange or gift orders."), _PAID, _COUNTS, "analyst"),
    Metric("unpaid_orders", _("Unpaid orders"), "count", _("Orders created and never paid."), _CREATED, _COUNTS, "service_lead"),
    Metric("buyers", _("Buyers"), "count", _("Different buyers who paid, known ones only."), _PAID, _PEOPLE, "analyst"),
    Metric("pieces", _("Pieces"), "count", _("Pieces of the paid orders with charges, without gifts."), _PAID, _COUNTS, "planner"),
    Metric("pay_rate", _("Pay rate"), "rate", _("Orders paid ÷ orders created; ripe after 24 hours."), _CREATED, _FROM_SUMS, "service_lead"),
    Metric("refund_rate", _("Refund rate"), "rate", _("Refunded money ÷ paid money of the same orders; refunds without an order count on their own day."), _BY_ORDER, _FROM_SUMS, "service_lead", by_currency=True),
    Metric("refund_rate_orders", _("Refund rate by orders"), "rate", _("Orders with any refund ÷ paid orders."), _BY_ORDER, _FROM_SUMS, "service_lead"),
    Metric("aov_buyer", _("Paid per buyer"), "money", _("Paid money of orders with a known buyer ÷ known buyers."), _PAID, _FROM_SUMS, "analyst", by_currency=True),
    Metric("aov_order", _("Paid per order"), "money", _("Paid money ÷ paid orders."), _PAID, _FROM_SUMS, "analyst", by_currency=True),
    Metric("upt", _("Pieces per order"), "ratio", _("Pieces ÷ orders whose pieces are known."), _PAID, _FROM_SUMS, "planner"),
    Metric("unit_price", _("Unit price"), "money", _("Paid for goods ÷ pieces of goods; no postage, no charges."), _PAID, _FROM_SUMS, "planner", by_currency=True),
    Metric("new_buyers", _("New buyers"), "count", _("Buyers who had not paid in the 365 days before the period's first day."), _PAID, _PEOPLE, "marketing_lead"),
    Metric("old_buyers", _("Returning buyers"), "count", _("Buyers who had paid in the 365 days before the period's first day."), _PAID, _PEOPLE, "marketing_lead"),
    Metric("repurchase_rate", _("Repurchase rate"), "rate", _("Buyers with two or more orders not refunded in full ÷ buyers with one or more, in the window that ends with the period (365 days unless told)."), _PAID, _FROM_SUMS, "marketing_lead"),
]  # fmt: skip
