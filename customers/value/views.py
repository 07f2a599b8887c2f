from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.identity.models import Customer, Merge
from customers.value.models import CustomerValue
from customers.value.places import with_places
from customers.value.queries import sum_seen
from customers.value.rhythm import rhythm
from customers.value.tables import CustomerTable, SeenCustomerTable
from products.channels.demo import LeavesDemoOut
from products.orders.models import Order
from products.refunds.models import Refund
from shopops import clock
from shopops.access.declare import may
from shopops.access.scopes import is_limited
from shopops.reveals.fields import personal_field
from shopops.ui import formats
from shopops.ui.filters import Days, Filter, Flag
from shopops.ui.pages import ListPage, RecordPage, Sort

SHOWN = 20  # orders and refunds on a customer's page; the rest is a list


class CustomerList(LeavesDemoOut, ListPage):
    """Everybody who bought, one line for each currency."""

    permission, table = "identity.view", CustomerTable
    picks_rows = True
    export_permission = "orders.export"  # who may not take orders out of the house takes no buyers out
    title = gettext_lazy("Customers")
    search_label = gettext_lazy("Name or account on the platform")
    empty_title = gettext_lazy("No customers yet")
    empty_text = gettext_lazy(
        "Buyers are recognised when orders are imported, by their accounts; masked names are nobody."
    )
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("", gettext_lazy("Last order first"), ("-last_paid_at", "-id")),
        Sort("orders", gettext_lazy("Most orders first"), ("-orders", "-id")),
        Sort("net", gettext_lazy("Highest net first"), ("-net", "-id")),
    )
    filters: ClassVar[tuple[Filter, ...]] = (
        Days("last", gettext_lazy("Last order"), lookup="last_paid_at"),
        Flag("returning", gettext_lazy("Two orders or more"), apply=lambda rows, _value: rows.returning()),
    )

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        """Show who sees some channels only what was bought there; no index serves other orders and filters of that."""
        super().setup(request, *args, **kwargs)
        if is_limited(request.user, self.permission):
            self.table, self.filters = SeenCustomerTable, ()
            self.sorts = (Sort("", _("Newest first"), ("-id",)),)

    def get_filters(self) -> list[Filter]:
        return [*self.filters, *self.demo_filters()]

    def of_demo(self, rows: QuerySet[CustomerValue], *, is_demo: bool) -> QuerySet[CustomerValue]:
        return rows.filter(customer__is_demo=is_demo)

    def get_queryset(self) -> QuerySet[CustomerValue]:
        return CustomerValue.objects.visible_to(self.request.user).for_list()

    def search(self, queryset: QuerySet[CustomerValue], text: str) -> QuerySet[CustomerValue]:
        return queryset.filter(customer__in=Customer.objects.found(text, self.request.user).values("pk"))


class CustomerPage(RecordPage):
    """One person: how platforms know them, what they bought and gave back."""

    permission, template_name = "identity.view", "customers/value/record.html"

    def get_object(self) -> Customer:
        customers = Customer.objects.visible_to(self.request.user).select_related("merged_into")
        return get_object_or_404(customers, pk=self.kwargs["pk"])

    def context(self, record: Customer) -> dict[str, Any]:
        user = self.request.user
        orders = list(Order.objects.visible_to(user).for_list().filter(customer=record)[:200])
        refunds = Refund.objects.visible_to(user).for_list().filter(order__customer=record)
        return {
            "identities": [
                {"place": item.place} | personal_field(user, item, "label", label=item.place)  # type: ignore[attr-defined]  # annotated
                for item in with_places(record.identities.visible_to(user).order_by("scope", "id")[:100])
            ],
            "values": [_tiles(value) for value in record.values.visible_to(user).order_by("-orders", "currency")],
            "orders": orders[:SHOWN],
            "points": rhythm(orders, now=clock.now()),
            "refunds": list(refunds[:SHOWN]),
            "merges": list(
                Merge.objects.filter(kept=record, undone_at=None, gone__in=Customer.objects.visible_to(user))
                .select_related("gone", "created_by")
                .order_by("-id")[:50]
            ),
            "merge_url": reverse("value:merge", args=[record.pk])
            if may(user, "identity.merge") and not record.merged_into_id
            else "",
        }


def _day(moment: datetime | None) -> str:
    """The store day alone: a tile has no room for the time, which stands in its tooltip."""
    return clock.store_time(moment).date().isoformat() if moment else formats.ABSENT


def _tiles(value: CustomerValue) -> list[dict[str, Any]]:
    symbol = formats.symbol(value.currency)
    every = reverse("orders:list") + f"?customer={value.customer_id}&payers=1"
    refunds = reverse("refunds:list") + f"?customer={value.customer_id}"

    def money(label: str, amount: Any, href: str = "") -> dict[str, Any]:
        return {
            "label": label,
            "value": f"{symbol}{formats.money(amount)}",
            "exact": formats.exact(amount),
            "href": href,
        }

    return [
        money(_("Net"), sum_seen(value, "net")),
        {"label": _("Orders"), "value": formats.number(sum_seen(value, "orders")), "href": every},
        money(_("Paid"), sum_seen(value, "paid"), every),
        money(_("Refunded"), sum_seen(value, "refunded"), refunds),
        {
            "label": _("First order"),
            "value": _day(sum_seen(value, "first_paid_at")),
            "exact": formats.full_moment(sum_seen(value, "first_paid_at")),
            "note": formats.age(sum_seen(value, "first_paid_at")),
        },
        {
            "label": _("Last order"),
            "value": _day(sum_seen(value, "last_paid_at")),
            "exact": formats.full_moment(sum_seen(value, "last_paid_at")),
            "note": formats.age(sum_seen(value, "last_paid_at")),
        },
    ]
