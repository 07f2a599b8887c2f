"""The page of one order, and the showing of its personal fields one at a time."""

from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from products.catalogue.models import ChannelItem
from products.orders.models import Order, OrderContact, OrderLine
from products.orders.own_forms import own_form
from products.orders.queries import TO_SHIP, neighbours
from products.orders.sheet import money_of, steps_of
from products.orders.tables import shown_buyer
from shopops.access.declare import StaffRequest, access, may
from shopops.access.personal import reveal as opened
from shopops.errors import Refused
from shopops.history.services import note_reveal
from shopops.history.versions import seen
from shopops.ui import formats
from shopops.ui.pages import RecordPage, side_of

PERSONAL: Final = ("name", "phone", "email", "address")


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
        "personal": _personal(order, allowed=may(request.user, "personal.reveal")),
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


def _personal(order: Order, *, allowed: bool) -> list[dict[str, Any]]:
    contact = getattr(order, "contact", None)
    place = " ".join(part for part in (order.province, order.city, order.district) if part)
    shown = {
        "name": (_("Receiver"), contact.name_mask if contact else ""),
        "phone": (_("Phone"), contact.phone_mask if contact else ""),
        "email": (_("E-mail"), contact.email_mask if contact else ""),
        "address": (_("Address"), f"{place} ****" if contact and contact.address else place),
    }
    fields = []
    for name, (label, mask) in shown.items():
        if mask or name in ("phone", "address"):
            whole = bool(contact and getattr(contact, name))
            fields.append(
                {
                    "name": name,
                    "label": label,
                    "mask": mask or formats.ABSENT,
                    "may": allowed and whole,
                    "id": f"personal-{name}",
                }
            )
    return fields


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


@access("personal.reveal", methods=("POST",))
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one personal field of an order; who looked, when and what for is written into the history."""
    order = get_object_or_404(_orders(request), pk=pk)
    name = request.POST.get("field", "")
    cipher = getattr(getattr(order, "contact", None), name, None) if name in PERSONAL else None
    if cipher is None:
        raise Http404
    label = next(field.verbose_name for field in OrderContact._meta.fields if field.name == name)
    field = {"name": name, "id": f"personal-{name}", "label": label}
    status = 200
    try:
        note_reveal(order.contact, name, reason=request.POST.get("reason", ""), by=request.user)
        field |= {"value": opened(cipher)}
    except Refused as refusal:
        mask = next(item for item in _personal(order, allowed=True) if item["name"] == name)
        field, status = mask | {"problem": str(refusal)}, 422
    if "HX-Request" in request.headers:
        return render(request, "products/orders/_personal.html", {"field": field, "order_pk": pk}, status=status)
    context = order_context(request, order)
    context["personal"] = [field if item["name"] == name else item for item in context["personal"]]
    return render(
        request, "products/orders/record.html", {"record": order, "title": str(order), **context}, status=status
    )
