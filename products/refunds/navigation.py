from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(
        _("Refunds"),
        "refunds:list",
        "refunds.view",
        department="planning",
        position=20,
        key="f",
        icon="receipt-refund",
        phone=4,
    )
]
