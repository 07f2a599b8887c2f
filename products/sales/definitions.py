"""Names and definitions of the figures as cards, reports and mails show them ("how is this computed?")."""

from typing import Final

from django.utils.translation import gettext_lazy as _

NAMES: Final = {
    "paid": _("Paid"),
    "net": _("Net sales"),
    "refunds": _("Refunds"),
    "orders": _("Orders"),
    "buyers": _("Buyers"),
    "new_buyers": _("New buyers"),
    "old_buyers": _("Returning buyers"),
    "pieces": _("Pieces"),
    "aov_buyer": _("Paid per buyer"),
    "aov_order": _("Paid per order"),
    "orders_per_buyer": _("Orders per buyer"),
    "upt": _("Pieces per order"),
    "unpaid_orders": _("Unpaid orders"),
    "pay_rate": _("Pay rate"),
    "refund_rate": _("Refund rate"),
}
DEFINITIONS: Final = {
    "paid": _("What buyers paid with postage, before refunds, on the day of payment."),
    "net": _("Paid money less the refunds done in the same days (cash view)."),
    "refunds": _("Successful refunds on the day they were done."),
    "orders": _("Orders with paid money; no test, exchange or gift orders."),
    "buyers": _("Different buyers who paid, known ones only; they do not add up over days."),
    "new_buyers": _("Buyers who had not paid in the 365 days before the period's first day."),
    "old_buyers": _("Buyers who had paid in the 365 days before the period's first day."),
    "pieces": _("Pieces of the paid orders, gifts left out."),
    "aov_buyer": _("Paid money of orders with a known buyer ÷ known buyers."),
    "aov_order": _("Paid money ÷ paid orders."),
    "orders_per_buyer": _("Orders ÷ buyers of the same days."),
    "upt": _("Pieces ÷ orders."),
    "unpaid_orders": _("Orders created in the period and never paid."),
    "pay_rate": _("Orders paid ÷ orders created, both of the orders created in the period."),
    "refund_rate": _("Refunds of the orders paid in these days ÷ their paid money, refunds whenever they were done."),
}
