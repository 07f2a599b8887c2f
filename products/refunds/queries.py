from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from shopops.search.pieces import searched

if TYPE_CHECKING:
    from products.refunds.models import Refund
    from shopops.accounts.models import User

FOUND_AT_MOST = 500
OPEN = ("open", "agreed", "returned")


class RefundQuerySet(models.QuerySet["Refund"]):
    def visible_to(self, user: "User") -> Self:
        return self if user.has_perm("refunds.view") else self.none()

    def for_list(self) -> Self:
        """With what a row shows; the page orders."""
        return self.select_related("channel", "order")

    def unanswered(self) -> Self:
        """Waiting for us, with the time they have to be answered by; served by ``refund_open``."""
        return self.filter(state__in=OPEN)

    def counted(self) -> Self:
        """Money that went back, on the store day of ``counted_at``; served by ``refund_by_day``."""
        return self.filter(counted_at__isnull=False, state="success")

    def found(self, text: str) -> Self:
        """Refunds whose own or order's number begins with ``text``; at most a few hundred."""
        plain = searched(text)
        if not plain:
            return self.none()
        every = self.model._default_manager
        number = plain.upper()
        own = every.filter(Q(number__startswith=plain) | Q(number__startswith=number)).values("pk")[:FOUND_AT_MOST]
        orders = self.model._meta.get_field("order").related_model._default_manager
        named = orders.filter(Q(number__startswith=plain) | Q(number__startswith=number)).values("pk")[:FOUND_AT_MOST]
        return self.filter(Q(pk__in=own) | Q(order__in=named))
