"""What refunds hold of a person: the buyer's key."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.orders.models import Order
from products.refunds.models import Refund
from shopops.privacy.registry import PersonData, Row, Run, Subject

PERSONAL_COLUMNS = [("products_refund", ("buyer_key",))]


def _gather(subject: Subject) -> None:
    orders = subject.ids(Order)
    named = Order.objects.filter(pk__in=orders).exclude(buyer_key="").values_list("channel_id", "buyer_key").distinct()
    by_buyer = Q(pk__in=[])
    for channel, key in named:
        by_buyer |= Q(channel=channel, buyer_key=key, order=None)  # credits that name no order
    if orders:
        subject.add(Refund, Refund.objects.filter(Q(order__in=orders) | by_buyer).values_list("pk", flat=True))


def _count(subject: Subject) -> int:
    return len(subject.ids(Refund))


def _copy(subject: Subject) -> Iterator[Row]:
    for refund in Refund.objects.filter(pk__in=subject.ids(Refund)).order_by("pk").iterator(chunk_size=1000):
        yield {
            _("Refund"): refund.number,
            _("Order"): refund.order_number,
            _("Amount"): refund.amount,
            _("State"): refund.get_state_display(),
            _("Reason"): refund.reason,
            _("Asked at"): refund.requested_at,
            _("Done at"): refund.done_at,
        }


def _erase(subject: Subject, run: Run) -> int:
    rows = Refund.objects.filter(pk__in=subject.ids(Refund))
    rows.exclude(buyer_key="").update(buyer_key="", updated_at=run.at)
    return _count(subject)


PERSON = [
    PersonData(
        "refunds",
        gettext_lazy("Refunds"),
        _count,
        _erase,
        _copy,
        _gather,
        fate=gettext_lazy("kept without the person"),
    )
]
