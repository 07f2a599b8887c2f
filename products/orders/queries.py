from typing import TYPE_CHECKING, Final, Self

from django.db import models

TO_SHIP: Final = ("paid", "held", "approved", "in_wave", "packed", "partly_shipped")  # as the index order_to_ship

if TYPE_CHECKING:
    from products.orders.models import Order
    from shopops.accounts.models import User


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: "User") -> Self:
        return self if user.has_perm("orders.view") else self.none()

    def for_list(self) -> Self:
        """Newest first; pk makes pages stable. Served by ``order_newest``."""
        return self.select_related("channel", "contact", "customer").order_by("-created_at", "-id")
