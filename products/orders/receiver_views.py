"""The form by which a receiver is corrected; what is known is shown masked, and only what is typed is replaced."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.orders import receiving
from products.orders.models import Order
from shopops import typed
from shopops.access.declare import StaffRequest, access
from shopops.errors import Refused
from shopops.ui.fields import TypedField
from shopops.ui.pages import form_page, saved


class ReceiverForm(forms.Form):
    """What of an order's receiver is to be replaced; empty fields stay as they are."""

    name = TypedField(typed.words, label=gettext_lazy("Receiver"), required=False, blank="", longest=64)
    phone = TypedField(typed.phone, label=gettext_lazy("Phone"), required=False, blank="", numeric="tel")
    email = TypedField(typed.email, label=gettext_lazy("E-mail"), required=False, blank="")
    address = TypedField(typed.words, label=gettext_lazy("Address"), required=False, blank="", longest=300)

    def __init__(self, *args: Any, contact: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "phone", "email"):
            mask = getattr(contact, f"{name}_mask", "")
            self.fields[name].widget.attrs["autocomplete"] = "off"
            if mask:
                words = gettext_lazy("Now %(mask)s; empty: it stays.")
                self.fields[name].help_text = words % {
                    "mask": escape(mask)
                }  # forms show it as markup; files bring masks


@access("privacy.handle")
def receiver(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct the receiver of an order for a data request."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("contact"), pk=pk)
    number = _request(request)
    back = reverse("privacy:request", args=[number]) if number else reverse("orders:order", args=[pk])
    form = ReceiverForm(request.POST or None, contact=getattr(order, "contact", None))
    if form.is_valid():
        try:
            receiving.correct(pk, request=number, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Corrected."), back, form=form)
    title = _("Receiver of order %(number)s") % {"number": order.number}
    intro = _(
        "Only what you fill in is replaced. A later file of the platform may bring its own values again: have it corrected there too."
    )
    return form_page(request, form, title=title, back=back, intro=intro)


def _request(request: HttpRequest) -> int:
    text = request.GET.get("request", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
