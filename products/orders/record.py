"""The page of one order."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from products.catalogue.models import ChannelItem
from products.orders.models import Order, OrderLine
from products.orders.own_forms import own_form
from products.orders.queries import TO_SHIP, neighbours
from products.orders.reveals import PERSONAL, place_of
from products.orders.sheet import money_of, steps_of
from products.orders.tables import shown_buyer
from shopops.access.declare import StaffRequest, may
from shopops.access.fields import shown
from shopops.accounts.models import User
from shopops.history.versions import seen
from shopops.reveals.fields import personal_field
from shopops.ui import formats
from shopops.ui.pages import RecordPage, side_of


class OrderPage(RecordPage):
    """One order: money that adds up, lines, refunds, parcels, buyer, and what changed when by which file."""

    permission, template_name = "orders.view", "products/orders/record.html"

    def get_object(self) -> Order:
        order, self.version = seen(_orders(self.request).filter(pk=self.kwargs["pk"]))
        if order is None:
            raise Http404
        return order

    def context(self, record: Order) -> dict[str, Any]:
        own = own_form(None, record, self.version) if may(self.request.user, "orders.note") else None
        return order_context(self.request, record) | {"own_form": own}


def _orders(request: StaffRequest) -> QuerySet[Order]:
    return Order.objects.visible_to(request.user).select_related("channel", "contact", "customer", "batch__upload")


def order_context(request: StaffRequest, order: Order) -> dict[str, Any]:
    """Return what the page shows; the number of queries does not grow with the order's lines."""
    lines = list(order.lines.select_related("item__sku").order_by("position", "id"))
    refunds = list(order.refunds.select_related("line__item").order_by("-requested_at", "-id"))
    shipments = list(order.shipments.order_by("shipped_at", "id"))
    newer, older = neighbours(order, request.user)
    return {
        "lines": [_line(line) for line in lines],
        "paid_is_split": any(line.given_paid is None and line.paid is not None for line in lines),
        "money": money_of(order, lines),
        "currency": order.channel.currency,
        "steps": steps_of(order),
        "deadline": formats.countdown(order.due_at) if order.due_at and order.state in TO_SHIP else None,
        "refunds": refunds,
        "shipments": shipments,
        "buyer": shown_buyer(order),
        "side": side_of(request, order),
        "customer_url": order.customer.get_absolute_url()
        if order.customer and may(request.user, "identity.view")
        else "",
        "personal": _personal(request.user, order),
        "message": shown(request.user, order, "message"),
        "memo": shown(request.user, order, "memo"),
        "newer": newer,
        "older": older,
        "notices": _notices(order),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    item: ChannelItem = line.item
    code = "" if item.code.startswith("~") else item.code
    return {
        "title": line.title or item.title or item.code,
        "code": item.sku.code if item.sku else code,
        "unmapped": item.sku is None and line.kind == OrderLine.Kind.GOODS,
        "item_url": reverse("catalogue:item", args=[item.pk]),
        "attributes": line.attributes,
        "kind": "" if line.kind == OrderLine.Kind.GOODS else line.get_kind_display(),
        "unit_price": line.unit_price,
        "quantity": line.quantity,
        "amount": line.amount,
        "paid": line.paid,
        "state": line.state,
        "key": "" if line.key.startswith("#") else line.key,
        "row_no": line.row_no,
        "batch_id": line.batch_id,
    }


def _personal(user: User, order: Order) -> list[dict[str, Any]]:
    contact = getattr(order, "contact", None)
    if contact is None:
        place = place_of(order)
        shown = {_("Phone"): formats.ABSENT, _("Address"): place or formats.ABSENT}
        return [
            {"id": f"personal-{number}", "label": label, "mask": mask}
            for number, (label, mask) in enumerate(shown.items())
        ]
    contact.order = order
    found = [personal_field(user, contact, name) for name in PERSONAL]
    return [field for field in found if field["mask"] != formats.ABSENT or field["name"] in ("phone", "address")]


def _notices(order: Order) -> list[str]:
    texts = {
        "check_lines": _("A later file's lines could not be matched with the first ones. Compare them."),
        "created_from_number": _("The file gives no creation time; it was taken from the order number."),
        "created_unknown": _("Only the lines are known yet; the time is that of the import. Import the order list."),
        "paid_unknown": _("The file does not tell what was paid before refunds."),
        "paid_at_from_created": _("The file gives no time of payment; the creation time was taken."),
        "check_paid": _("What was paid and refunded does not add up to what was to be paid. Check the payment."),
    }
    return [texts.get(note, note) for note in order.notes]
