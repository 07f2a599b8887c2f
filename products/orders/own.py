"""The store's own note and flag: written on one order, or on many of the list."""

from typing import ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from products.orders import services
from products.orders.models import Order
from products.orders.own_forms import own_form
from products.orders.views import OrderList
from shopops.access.declare import StaffRequest, access
from shopops.errors import Refused
from shopops.history.versions import Conflict, seen
from shopops.ui.bulk import BulkPage
from shopops.ui.editing import bound, conflict_page
from shopops.ui.pages import form_page, saved


@access("orders.note")
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Write the store's note and flag of an order."""
    order, version = seen(Order.objects.visible_to(request.user).filter(pk=pk))
    if order is None:
        raise Http404
    back = reverse("orders:order", args=[pk])
    form = bound(request, lambda data: own_form(data, order, version))
    if form.is_valid():
        try:
            act = services.mark(pk, **form.cleaned_data, by=request.user)
        except Conflict as conflict:
            return conflict_page(request, conflict, title=str(order), back=back)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Saved."), back, form=form, act=act)
    return form_page(request, form, title=_("Note and flag of %(order)s") % {"order": order}, back=back)


class OrderBulk(BulkPage, OrderList):
    """One act over chosen orders, or over all the list shows."""

    permission: ClassVar[str] = "orders.note"
    model, list_name = Order, "orders:list"
