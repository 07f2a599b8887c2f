from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from products.channels.models import Channel
from products.refunds.models import Refund
from shopops.access.scopes import channels_of, of_channels
from shopops.search.pieces import searched
from shopops.search.registry import Finder, Hit
from shopops.ui import formats

if TYPE_CHECKING:
    from shopops.accounts.models import User


def by_refund(text: str, among: Collection[int] | None) -> QuerySet[Any] | None:
    """Orders with a refund of this number; served by ``refund_by_number``."""
    plain = searched(text)
    if len(plain) < 6:
        return None
    numbers = Q(number=plain) | Q(number=plain.upper())
    return of_channels(Refund.objects.filter(numbers, order__isnull=False), among).values("order")[:100]


def _refunds(user: "User", text: str, limit: int) -> Iterator[Hit]:
    if len(searched(text)) < 4:
        return
    for refund in (
        Refund.objects.visible_to(user)
        .for_list()
        .found(text, among=channels_of(user, "refunds.view"))
        .filter(is_summary=False, channel__in=Channel.objects.counted())[:limit]
    ):
        note = f"{formats.money(refund.amount)} · {refund.get_state_display()}"
        yield Hit(refund.number, reverse("refunds:refund", args=[refund.pk]), note)


ORDER_FINDERS = [by_refund]
FINDERS = [Finder("refunds", _("Refunds"), "refunds.view", "receipt-refund", _refunds, position=20)]
