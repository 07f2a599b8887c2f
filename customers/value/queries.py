from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from customers.value.models import CustomerValue  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User


class ValueQuerySet(models.QuerySet["CustomerValue"]):
    def visible_to(self, user: "User") -> Self:
        return self if user.has_perm("identity.view") else self.none()

    def for_list(self) -> Self:
        """Those who paid at least once, with the person; the page orders (each order has its index)."""
        return self.select_related("customer").filter(last_paid_at__isnull=False)

    def returning(self) -> Self:
        """With two orders or more; served by ``value_by_orders``."""
        return self.filter(orders__gte=2)
