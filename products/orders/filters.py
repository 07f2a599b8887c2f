"""What the order list can be narrowed by; every filter offered is served by an index (docs: models' ``indexes``)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from products.catalogue.models import ChannelItem
from products.orders.models import Order
from products.orders.states import CLOSED_STATES, OwnFlag, State
from shopops import clock
from shopops.provinces import FULL_NAMES
from shopops.ui.filters import Choice, Days, Filter, Flag, Number, Tab

Rows = QuerySet[Order]
PROVINCES = tuple((name, name) for name in sorted(FULL_NAMES))
KINDS = tuple((str(code), label) for code, label in Order.Kind.choices)
NOTES = (
    ("check_lines", _("Check the lines")),
    ("created_from_number", _("Creation time taken from the number")),
    ("created_unknown", _("Only lines known")),
    ("paid_unknown", _("Paid before refunds not known")),
    ("paid_at_from_created", _("Payment time taken from creation")),
    ("check_paid", _("Check the payment")),
)
FLAGS = tuple((str(code), label) for code, label in OwnFlag.choices)
BUYER_WAS = (("new", _("New")), ("old", _("Returning")))
WHAT = (("new", _("New")), ("changed", _("Changed")))
AFTER_RANGE = ("hour", "weekday")  # no index knows them: they narrow a range of days


def _items(rows: Rows, value: int) -> Rows:
    found: QuerySet[Order] = rows.with_items(ChannelItem.objects.filter(pk=value))
    return found


def _sku(rows: Rows, value: str) -> Rows:
    found: QuerySet[Order] = rows.with_items(ChannelItem.objects.sold_as(value))
    return found


def _province(rows: Rows, value: str) -> Rows:
    return rows.filter(province=value)


def _as_given(rows: Rows, _value: Any) -> Rows:
    return rows


def filters(channels: list[tuple[str, str, int]]) -> list[Filter]:
    """Return the filters of the order list; ``channels`` are (code, title, id)."""
    ids = {code: pk for code, _title, pk in channels}

    def of_channels(rows: Rows, codes: list[str]) -> Rows:
        return (
            rows.filter(channel=ids[codes[0]])
            if len(codes) == 1
            else rows.filter(channel__in=[ids[code] for code in codes])
        )

    return [
        Days("paid", _("Paid"), lookup="paid_at"),
        Days("created", _("Ordered"), lookup="created_at"),
        Choice(
            "channel",
            _("Channel"),
            apply=of_channels,
            choices=[(code, title) for code, title, _pk in channels],
            many=True,
        ),
        Choice("state", _("State"), choices=State.choices),
        Filter("province", _("Province"), apply=_province, quiet=True),
        Choice("place", _("Province"), apply=_province, choices=PROVINCES),
        Flag("refunded", _("With refunds"), apply=lambda rows, _value: rows.with_refunds()),
        Flag("overdue", _("Past the time to ship"), apply=lambda rows, _value: rows.overdue(clock.now())),
        Flag("soon", _("To ship within 4 hours"), apply=lambda rows, _value: rows.due_soon(clock.now())),
        Choice("flag", _("Store's flag"), apply=lambda rows, codes: rows.flagged(codes), choices=FLAGS, many=True),
        Choice("note", _("To look at"), apply=lambda rows, value: rows.noted(value), choices=NOTES),
        Choice("kind", _("Kind"), choices=KINDS, quiet=True),
        Flag(
            "known_buyer", _("Buyer known"), apply=lambda rows, _value: rows.filter(customer__isnull=False), quiet=True
        ),
        Choice("buyer_was", _("Buyer was"), apply=_as_given, choices=BUYER_WAS, quiet=True),
        Flag("payers", _("Paid more than nothing"), apply=lambda rows, _value: rows.filter(paid__gt=0), quiet=True),
        Flag("unpaid", _("Never paid"), apply=lambda rows, _value: rows.filter(paid_at__isnull=True), quiet=True),
        Number("batch", _("Import"), apply=_as_given, quiet=True),
        Choice("what", _("By this import"), apply=_as_given, choices=WHAT, quiet=True),
        Number("item", _("Item"), apply=_items, quiet=True),
        Filter("sku", _("SKU"), apply=_sku, quiet=True),
        Number("customer", _("Buyer"), lookup="customer_id", quiet=True),
        Number("hour", _("Hour"), apply=_as_given, quiet=True),
        Number("weekday", _("Weekday"), apply=_as_given, quiet=True),
    ]


TABS = [
    Tab("", _("All")),
    Tab("unpaid", _("Waiting for payment"), lambda rows: rows.filter(state=State.UNPAID)),
    Tab("to_ship", _("To ship"), lambda rows: rows.to_ship()),
    Tab("shipped", _("Shipped"), lambda rows: rows.filter(state=State.SHIPPED)),
    Tab("finished", _("Finished"), lambda rows: rows.filter(state=State.FINISHED)),
    Tab("closed", _("Closed"), lambda rows: rows.filter(state__in=CLOSED_STATES)),
    Tab("unclear", _("To look at"), lambda rows: rows.filter(Q(state=State.UNKNOWN) | ~Q(notes=[])), tone="warn"),
]
