from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models
from django.db.models import Count, DecimalField, Exists, F, Max, Min, OuterRef, Subquery, Sum

from products.channels.models import MONEY
from shopops.access.scopes import channels_of

if TYPE_CHECKING:
    from customers.value.models import CustomerValue
    from shopops.accounts.models import User

AMOUNT: Final = DecimalField(**MONEY)
SUMS: Final[dict[str, tuple[Any, Any]]] = {  # what a row tells: the same as in customers.value.services
    "orders": (Count("pk"), models.IntegerField()),
    "paid": (Sum("paid"), AMOUNT),
    "refunded": (Sum("refunded"), AMOUNT),
    "net": (Sum(F("paid") - F("refunded")), AMOUNT),
    "first_paid_at": (Min("paid_at"), models.DateTimeField()),
    "last_paid_at": (Max("paid_at"), models.DateTimeField()),
}


class ValueQuerySet(models.QuerySet["CustomerValue"]):
    def visible_to(self, user: "User") -> Self:
        """Every sum; who sees some channels only, gets those of these as ``seen_orders``, ``seen_paid`` … (:func:`sum_seen`)."""
        if not user.has_perm("identity.view"):
            return self.none()
        ids = channels_of(user, "identity.view")
        return self if ids is None else self._of_channels(sorted(ids))

    def _of_channels(self, ids: list[int]) -> Self:
        orders: Any = self.model._meta.get_field("customer").related_model._meta.get_field("orders").related_model
        paid = orders._default_manager.filter(
            customer=OuterRef("customer"), channel__currency=OuterRef("currency"), channel__in=ids, kind="sale",
            paid__gt=0,
        )  # fmt: skip
        grouped = paid.order_by().values("customer")
        sums = {
            f"seen_{name}": Subquery(grouped.annotate(found=total).values("found"), output_field=field)
            for name, (total, field) in SUMS.items()
        }
        return self.filter(Exists(paid)).annotate(**sums)

    def for_list(self) -> Self:
        """Those who paid at least once, with the person; the page orders (each order has its index)."""
        return self.select_related("customer").filter(last_paid_at__isnull=False)

    def returning(self) -> Self:
        """With two orders or more; served by ``value_by_orders``."""
        return self.filter(orders__gte=2)


def sum_seen(value: "CustomerValue", name: str) -> Any:  # noqa: ANN401 - a count, an amount or a time
    """Return one of the SUMS as far as the person sees it whom the row was fetched for."""
    return getattr(value, f"seen_{name}" if hasattr(value, "seen_orders") else name)
