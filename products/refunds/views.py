from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.catalogue.models import ChannelItem
from products.channels.demo import LeavesDemoOut
from products.channels.models import Channel
from products.refunds.models import Refund
from products.refunds.queries import NO_REASON, OPEN
from products.refunds.tables import RefundTable
from shopops import clock
from shopops.access.scopes import channels_of
from shopops.ui import formats
from shopops.ui.filters import BadFilter, Choice, Days, Filter, Flag, Number, Tab
from shopops.ui.pages import ListPage, RecordPage, State

WHAT = (("new", gettext_lazy("New")), ("changed", gettext_lazy("Changed")))


class RefundList(LeavesDemoOut, ListPage):
    """Refunds, the newest request first; those of a range of days by the times the range is about."""

    permission, table = "refunds.view", RefundTable
    picks_rows = True
    export_permission = "orders.export"  # a list of refunds is a list of orders
    title, order = gettext_lazy("Refunds"), ("-listed_at", "-id")
    search_label = gettext_lazy("Refund or order number")
    empty_title = gettext_lazy("No refunds yet")
    empty_text = gettext_lazy("Refunds come with order files and with refund files.")
    tabs = (
        Tab("", gettext_lazy("All")),
        Tab("open", gettext_lazy("Unanswered"), lambda rows: rows.unanswered(), tone="bad"),
        Tab("success", gettext_lazy("Refunded"), lambda rows: rows.filter(state=Refund.State.SUCCESS)),
        Tab("refused", gettext_lazy("Refused"), lambda rows: rows.filter(state=Refund.State.REFUSED)),
        Tab("without_order", gettext_lazy("Without order"), lambda rows: rows.filter(order__isnull=True), tone="warn"),
    )

    def get_queryset(self) -> QuerySet[Refund]:
        return Refund.objects.visible_to(self.request.user).for_list()

    @cached_property
    def _filters(self) -> list[Filter]:
        channels = list(Channel.objects.visible_to(self.request.user).for_list().values_list("code", "title", "pk"))
        ids = {code: pk for code, _title, pk in channels}
        return [
            Days("counted", _("Counts on"), lookup="counted_at"),
            Days("asked", _("Asked"), lookup="requested_at"),
            Choice(
                "channel",
                _("Channel"),
                apply=lambda rows, codes: rows.filter(channel__in=[ids[code] for code in codes]),
                choices=[(code, title) for code, title, _pk in channels],
                many=True,
            ),
            Choice("state", _("State"), choices=Refund.State.choices),
            Flag("counts", _("In the figures"), apply=lambda rows, _value: rows.counted(), quiet=True),
            Flag("overdue", _("Past the time to answer"), apply=_overdue),
            Flag(
                "unmatched", _("Without order"), apply=lambda rows, _value: rows.filter(order__isnull=True), quiet=True
            ),
            Number("item", _("Item"), apply=lambda rows, value: rows.with_items(_items(item=value)), quiet=True),
            Filter("sku", _("SKU"), apply=lambda rows, value: rows.with_items(_items(sku=value)), quiet=True),
            Filter("reason", _("Reason"), apply=lambda rows, _value: rows, quiet=True),
            Number("batch", _("Import"), apply=lambda rows, _value: rows, quiet=True),
            Choice("what", _("By this import"), apply=lambda rows, _value: rows, choices=WHAT, quiet=True),
            Number("customer", _("Buyer"), lookup="order__customer_id", quiet=True),
            *self.demo_filters(),
        ]

    def get_filters(self) -> list[Filter]:
        return self._filters

    def search(self, queryset: QuerySet[Refund], text: str) -> QuerySet[Refund]:
        found: QuerySet[Refund] = queryset.found(text, among=channels_of(self.request.user, "refunds.view"))
        return found

    def _order(self, state: State) -> tuple[str, ...]:
        if state.filters["counted"]:
            return ("-counted_at", "-id")
        return ("-requested_at", "-id") if state.filters["asked"] else self.order

    def _narrowed(self, state: State) -> QuerySet[Refund]:
        rows, reason = super()._narrowed(state), state.filters["reason"]
        if (batch := state.filters["batch"]) is not None:
            rows = rows.of_import(batch, state.filters["what"])
        if reason is None:
            return rows
        if not state.filters["counted"]:  # no index knows reasons: they narrow a range of days
            raise BadFilter(_("Choose the days first; a reason narrows them."))
        return rows.filter(reason="" if reason == NO_REASON else reason)

    def summary(self, queryset: QuerySet[Refund], state: State) -> list[dict[str, Any]]:
        """Sums of the filtered refunds: what a figure that led here must be."""
        if not any(value is not None for value in state.filters.values()) and not state.search and not state.tab:
            return []
        facts = []
        for row in queryset.sums():
            facts.append({"label": _("Refunds"), "value": formats.number(row["refunds"]), "data": str(row["refunds"])})
            if row["amount_sum"] is not None:
                shown = f"{formats.symbol(row['currency'])}{formats.money(row['amount_sum'])}"
                facts.append(
                    {
                        "label": _("Refunded"),
                        "value": shown,
                        "title": formats.exact(row["amount_sum"]),
                        "data": str(row["amount_sum"]),
                    }
                )
            if row["without_order"]:
                facts.append({"label": _("Without order"), "value": formats.number(row["without_order"])})
        item, sku = state.filters["item"], state.filters["sku"]
        for row in queryset.item_sums(_items(item, sku)) if item or sku else []:
            amount = row["amount_sum"]
            shown = f"{formats.symbol(row['currency'])}{formats.money(amount)}"
            facts.append({"label": _("This item"), "value": shown, "title": formats.exact(amount), "data": str(amount)})
        return facts


def _items(item: int | None = None, sku: str | None = None) -> QuerySet[ChannelItem]:
    return ChannelItem.objects.sold_as(sku) if sku is not None else ChannelItem.objects.filter(pk=item)


def _overdue(rows: QuerySet[Refund], _value: str) -> QuerySet[Refund]:
    late: QuerySet[Refund] = rows.unanswered().filter(due_at__lt=clock.now())
    return late


class RefundPage(RecordPage):
    permission, template_name = "refunds.view", "products/refunds/record.html"

    def get_object(self) -> Refund:
        refunds = Refund.objects.visible_to(self.request.user).select_related(
            "channel", "order", "batch__upload", "line__item"
        )
        return get_object_or_404(refunds, pk=self.kwargs["pk"])

    def context(self, record: Refund) -> dict[str, Any]:
        lines = list(record.lines.select_related("item").order_by("position"))
        return {
            "title": _("Rest of the refund stated by the platform") if record.is_summary else record.number,
            "lines": lines,
            "is_split": any(line.is_split for line in lines),
            "deadline": formats.countdown(record.due_at) if record.due_at and record.state in OPEN else None,
            "facts": _facts(record),
        }


def _facts(refund: Refund) -> list[dict[str, Any]]:
    counted = formats.moment(refund.counted_at) if refund.counted_at else None
    return [
        {
            "label": _("Amount"),
            "column": "amount",
            "value": f"{formats.symbol(refund.channel.currency)}{formats.money(refund.amount)}",
            "title": formats.exact(refund.amount),
            "css": "so-strong",
        },
        {"label": _("Reason"), "column": "reason", "value": refund.reason or None},
        {"label": _("Asked at"), "column": "requested_at", "value": formats.moment(refund.requested_at)},
        {"label": _("Done at"), "column": "done_at", "value": formats.moment(refund.done_at)},
        {
            "label": _("Counts on"),
            "column": "counted_at",
            "value": counted,
            "help": _("The file gives no time of its own: the day of the order's payment.")
            if "day_from_order" in refund.notes
            else "",
        },
        {"label": _("Platform's state"), "column": "platform_state", "value": refund.platform_state or None},
    ]
