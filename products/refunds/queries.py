from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models
from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from shopops.access.scopes import in_channels, of_channels
from shopops.history.models import Change
from shopops.search.pieces import any_of, searched

if TYPE_CHECKING:
    from products.refunds.models import Refund  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User

FOUND_AT_MOST: Final = 500
SUMMED_AT_MOST: Final = 100_000
NO_REASON: Final = "none"  # as lists and reports name it
FROM_FILES: Final = [
    "order_number", "order_id", "line_id", "buyer_key", "amount", "state", "platform_state", "kind", "reason",
    "province", "requested_at", "done_at", "due_at",
]  # fmt: skip
OPEN: Final = ("open", "agreed", "returned")
# Where a refund stands in lists: when it was asked for; without a time of its own, when it counts; else at the end.
LISTED_AT: Final = Coalesce("requested_at", "counted_at", Value(datetime(1970, 1, 1, tzinfo=UTC)))


class RefundQuerySet(models.QuerySet["Refund"]):
    def visible_to(self, user: "User") -> Self:
        return in_channels(self, user, "refunds.view")

    def for_list(self) -> Self:
        """With what a row shows, the newest request first; served by ``refund_listed``."""
        rows = self.select_related("channel", "order").annotate(listed_at=LISTED_AT)
        return rows.order_by("-listed_at", "-id")

    def unanswered(self) -> Self:
        """Waiting for us, with the time they have to be answered by; served by ``refund_open``."""
        return self.filter(state__in=OPEN)

    def counted(self) -> Self:
        """Money that went back from sales, on the store day of ``counted_at``; served by ``refund_by_day``."""
        of_sales = Q(order__isnull=True) | Q(order__kind="sale")
        return self.filter(of_sales, counted_at__isnull=False, state="success")

    def found(self, text: str, *, among: Collection[int] | None) -> Self:
        """Refunds whose own or order's number begins with ``text``; at most a few hundred.

        ``among``: the ids of the channels that are searched (None: all).
        """
        plain = searched(text)
        if not plain:
            return self.none()
        every = of_channels(self.model._default_manager.all(), among)
        number = plain.upper()
        own = every.filter(Q(number__startswith=plain) | Q(number__startswith=number)).values("pk")[:FOUND_AT_MOST]
        orders = of_channels(self.model._meta.get_field("order").related_model._default_manager.all(), among)
        named = orders.filter(Q(number__startswith=plain) | Q(number__startswith=number)).values("pk")[:FOUND_AT_MOST]
        return self.filter(pk__in=any_of(own, every.filter(order__in=named).values("pk")))

    def with_items(self, items: QuerySet[Any]) -> Self:
        """Of these items' goods; served by ``refund_line_of_item``."""
        lines = self.model._meta.get_field("lines").related_model._default_manager
        return self.filter(pk__in=lines.filter(item__in=items.values("pk")).values("refund"))

    def item_sums(self, items: QuerySet[Any]) -> list[dict[str, Any]]:
        """Add up what of these refunds went back for ``items``, by currency."""
        lines = self.model._meta.get_field("lines").related_model._default_manager
        some = self.filter(state="success").order_by().values("pk")[: SUMMED_AT_MOST + 1]
        found = lines.filter(item__in=items.values("pk"), refund__in=some).values(
            currency=F("refund__channel__currency")
        )
        return list(found.annotate(amount_sum=Sum("amount")).order_by("currency"))

    def of_import(self, batch_id: int, what: str | None) -> Self:
        """What an import made (``new``), changed (``changed``), or both; the rest of a stated total follows and is
        neither. Served by ``refund_of_batch`` and ``change_of_source``.
        """
        every = self.model._default_manager.filter(is_summary=False)
        updates = Change.objects.filter(source=f"import:{batch_id}", op="update", table_name=self.model._meta.db_table)
        told = updates.filter(changes__has_any_keys=FROM_FILES).values("row_id")
        made = every.filter(batch=batch_id).values("pk")
        if what == "new":
            return self.filter(pk__in=made)
        changed = every.filter(pk__in=told).exclude(batch=batch_id).values("pk")
        return self.filter(pk__in=changed if what == "changed" else any_of(made, changed))

    def sums(self) -> list[dict[str, Any]]:
        """Count and add up these refunds by currency; empty when there are more than SUMMED_AT_MOST."""
        some = self.model._default_manager.filter(pk__in=self.order_by().values("pk")[: SUMMED_AT_MOST + 1])
        rows: list[dict[str, Any]] = [
            dict(row)
            for row in some.values(currency=F("channel__currency"))
            .annotate(
                refunds=Count("pk"),
                amount_sum=Sum("amount", filter=Q(state="success")),
                without_order=Count("pk", filter=Q(order__isnull=True)),
            )
            .order_by("-refunds", "currency")
        ]
        return [] if sum(row["refunds"] for row in rows) > SUMMED_AT_MOST else rows
