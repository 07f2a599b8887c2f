from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.catalogue.models import ChannelItem
from products.channels.demo import LeavesDemoOut
from products.channels.models import Channel
from products.orders import filters
from products.orders.models import Order
from products.orders.queries import SUMMED_AT_MOST, item_sums
from products.orders.tables import OrderTable
from shopops.access.declare import may
from shopops.access.scopes import channels_of
from shopops.search.pieces import any_of
from shopops.ui import formats
from shopops.ui.filters import BadFilter, Filter
from shopops.ui.pages import ListPage, Sort, State


class OrderList(LeavesDemoOut, ListPage):
    """Orders, newest first; by payment where a range of payment days is asked, by deadline where things wait."""

    permission, table = "orders.view", OrderTable
    export_permission = "orders.export"
    picks_rows, bulk_url = True, "orders:bulk"
    title = gettext_lazy("Orders")
    tabs = filters.TABS
    search_label = gettext_lazy("Number, buyer, last four digits, SKU, title, waybill, memo")
    empty_title = gettext_lazy("No orders yet")
    empty_text = gettext_lazy("Orders come from the files your platforms export. Import one and they stand here.")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("", gettext_lazy("Newest first"), ("-created_at", "-id")),
        Sort("paid", gettext_lazy("Last paid first"), ("-paid_at", "-id")),
        Sort("due", gettext_lazy("Most urgent first"), ("due_at", "id")),
    )

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.request.user).select_related("channel", "contact")

    @cached_property
    def _filters(self) -> list[Filter]:
        channels = Channel.objects.visible_to(self.request.user).for_list()
        return [*filters.filters(list(channels.values_list("code", "title", "pk"))), *self.demo_filters()]

    def get_filters(self) -> list[Filter]:
        return self._filters

    def search(self, queryset: QuerySet[Order], text: str) -> QuerySet[Order]:
        found: QuerySet[Order] = queryset.found(text, self.request.user)
        return found

    def _order(self, state: State) -> tuple[str, ...]:
        if state.given.get("sort"):
            return super()._order(state)
        if state.tab == "to_ship" or state.filters["overdue"]:
            return ("due_at", "id")
        return ("-paid_at", "-id") if state.filters["paid"] else super()._order(state)

    def _narrowed(self, state: State) -> QuerySet[Order]:
        rows = super()._narrowed(state)
        if state.sort and state.sort.code == "paid":
            rows = rows.filter(paid_at__isnull=False)
        if state.sort and state.sort.code == "due":
            rows = rows.to_ship()
        rows = _of_import(rows, state)
        if (was := state.filters["buyer_was"]) is not None:
            rows = rows.of_buyers(was, first=_first_day(state), among=channels_of(self.request.user, self.permission))
        return _in_time(rows, state)

    def actions(self) -> list[dict[str, Any]]:
        if not may(self.request.user, "orders.import"):
            return []
        return [{"label": _("Import"), "url": reverse("orders:import_new"), "icon": "upload", "primary": True}]

    def summary(self, queryset: QuerySet[Order], state: State) -> list[dict[str, Any]]:
        """Sums of the filtered sales: what a figure that led here must be."""
        if not any(value is not None for value in state.filters.values()) and not state.search and not state.tab:
            return []
        sums = queryset.sums()
        if not sums and queryset.exists():
            return [_too_many(state)]
        facts = []
        for row in sums:
            facts += _facts(row)
        return facts + _of_items(queryset, state) + _of_people(queryset, state)

    def context(self) -> dict[str, Any]:
        return (
            {"empty_url": reverse("orders:import_new"), "empty_action": _("Import orders")}
            if may(self.request.user, "orders.import")
            else {}
        )


def _of_import(rows: QuerySet[Order], state: State) -> QuerySet[Order]:
    """Narrow to the orders one import made, or changed, or both."""
    batch, what = state.filters["batch"], state.filters["what"]
    if batch is None or what == "new":
        return rows if batch is None else rows.of_batch(batch)
    changed = rows.changed_by(batch)
    return (
        changed
        if what == "changed"
        else rows.filter(pk__in=any_of(changed.values("pk"), rows.of_batch(batch).values("pk")))
    )


def _in_time(rows: QuerySet[Order], state: State) -> QuerySet[Order]:
    """Narrow a range of days to an hour or a weekday of the range's own time."""
    hour, weekday = state.filters["hour"], state.filters["weekday"]
    if hour is None and weekday is None:
        return rows
    column = "paid_at" if state.filters["paid"] else "created_at" if state.filters["created"] else ""
    if not column or (hour or 0) > 23 or (weekday is not None and not 1 <= weekday <= 7):
        raise BadFilter(_("Choose days first; hours are 0 to 23, weekdays 1 to 7."))
    if hour is not None:
        rows = rows.in_hour(hour, column=column)
    return rows.on_weekday(weekday, column=column) if weekday is not None else rows


def _first_day(state: State) -> date:
    first: date | None = (state.filters["paid"] or (None, None))[0]
    if first is None:
        raise BadFilter(_("Choose the first day of payment first: new and returning are told by it."))
    return first


def _too_many(state: State) -> dict[str, Any]:
    """Say that there are too many orders to add up; the days' own sums hold them where only days and channels narrow."""
    fact = {"label": _("Sums"), "value": _("more than %(count)s orders") % {"count": formats.number(SUMMED_AT_MOST)}}
    codes = state.filters["channel"] or []
    if not state.filters["paid"] or len(codes) > 1:
        return fact
    first, last = state.filters["paid"]
    days = {"day_from": first, "day_to": last, "channel": "".join(codes)}
    query = urlencode({name: str(value) for name, value in days.items() if value})
    return fact | {"value": f"{fact['value']} · {_('by day')}", "href": f"{reverse('sales:days')}?{query}"}


def _of_people(rows: QuerySet[Order], state: State) -> list[dict[str, Any]]:
    """Count the people where a figure of buyers led here."""
    people = rows.buyers() if state.filters["known_buyer"] is not None else None
    return [] if people is None else [{"label": _("Buyers"), "value": formats.number(people), "data": str(people)}]


def _of_items(rows: QuerySet[Order], state: State) -> list[dict[str, Any]]:
    """Add up what of these orders is the item's they were narrowed to."""
    item, sku = state.filters["item"], state.filters["sku"]
    if item is None and sku is None:
        return []
    items = ChannelItem.objects.sold_as(sku) if sku is not None else ChannelItem.objects.filter(pk=item)
    facts = []
    for row in item_sums(rows, items):
        paid = f"{formats.symbol(row['currency'])}{formats.money(row['paid_sum'])}"
        pieces = row["pieces_sum"]
        facts += [
            {"label": _("This item"), "value": paid, "title": formats.exact(row["paid_sum"]), "data": str(row["paid_sum"])},
            {"label": _("Its pieces"), "value": formats.number(pieces), "data": str(pieces)},
        ]  # fmt: skip
    return facts


def _facts(row: dict[str, Any]) -> list[dict[str, Any]]:
    currency = row["currency"]
    facts = [{"label": _("Sales"), "value": formats.number(row["orders"]), "data": str(row["orders"])}]
    for label, name in ((_("Payable"), "payable_sum"), (_("Paid"), "paid_sum"), (_("Refunded"), "refunded_sum")):
        if row[name] is not None:
            value = formats.money(row[name])
            facts.append(
                {
                    "label": label,
                    "value": f"{formats.symbol(currency)}{value}",
                    "title": formats.exact(row[name]),
                    "data": str(row[name]),
                }
            )
    if row["pieces_sum"] is not None:
        facts.append({"label": _("Pieces"), "value": formats.number(row["pieces_sum"]), "data": str(row["pieces_sum"])})
    if row["unknown"]:
        facts.append({"label": _("Amount not given"), "value": formats.number(row["unknown"])})
    if documents := row["every"] - row["orders"]:
        facts.append({"label": _("Documents outside the figures"), "value": formats.number(documents)})
    return facts
