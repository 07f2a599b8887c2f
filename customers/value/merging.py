"""Two persons found to be one, by a person's word; and separating them again."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.identity import services
from customers.identity.models import Customer, Merge
from customers.value.models import CustomerValue
from customers.value.places import with_places
from customers.value.queries import sum_seen
from shopops.access.declare import StaffRequest, access
from shopops.access.fields import masked
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.history.versions import Conflict, seen
from shopops.ui import formats
from shopops.ui.editing import Versioned
from shopops.ui.pages import saved

CANDIDATES = 20


class MergeForm(Versioned):
    """The other person, why they are the same, and at which versions both were looked at."""

    gone = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    gone_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**63 - 1)
    reason = forms.CharField(label=gettext_lazy("How do you know they are the same person"), max_length=200)


@access("identity.merge")
def merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Find the other person, look at both, and merge the other into this one."""
    kept, version = seen(Customer.objects.visible_to(request.user).filter(merged_into=None, pk=pk))
    if kept is None:
        raise Http404
    form, status = MergeForm(request.POST or None), 422
    if form.is_valid():
        given = form.cleaned_data
        gone = get_object_or_404(Customer.objects.visible_to(request.user), pk=given["gone"])
        try:
            looked_at = (given["version"], given["gone_version"] or 0)
            services.merge(kept, gone, by=request.user, reason=given["reason"], versions=looked_at)
        except Conflict:
            status = 409
            form.add_error(None, _("One of the two was changed since you opened this page. Look again, then merge."))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Merged. It can be separated again here."), kept.get_absolute_url())
    context = {
        "title": _("Merge with another customer"),
        "kept": _side(kept, version, request.user),
        "form": form,
        **_others(request, kept, form),
    }
    return render(request, "customers/value/merge.html", context, status=status if form.errors else 200)


def _others(request: StaffRequest, kept: Customer, form: MergeForm) -> dict[str, Any]:
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    chosen = request.POST.get("gone") or request.GET.get("other", "")
    others = Customer.objects.visible_to(request.user).filter(merged_into=None).exclude(pk=kept.pk)
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 18
    other, version = seen(others.filter(pk=int(chosen))) if is_number else (None, 0)
    found = list(others.found(text, request.user).order_by("-pk")[:CANDIDATES]) if text and other is None else []
    return {
        "q": text,
        "found": [_side(item, 0, request.user) for item in found],
        "other": _side(other, version, request.user) if other else None,
    }


def _side(customer: Customer, version: int, user: User) -> dict[str, Any]:
    values = CustomerValue.objects.visible_to(user).filter(customer=customer).order_by("-orders", "currency")
    return {
        "customer": customer,
        "version": version,
        "identities": [
            f"{item.place} · {masked(item.label)}"  # type: ignore[attr-defined]  # annotated
            for item in with_places(customer.identities.visible_to(user).order_by("scope", "pk")[:10])
        ],
        "values": [
            _("%(orders)s orders, net %(net)s, last %(last)s")
            % {
                "orders": formats.number(sum_seen(item, "orders")),
                "net": f"{formats.symbol(item.currency)}{formats.money(sum_seen(item, 'net'))}",
                "last": formats.moment(sum_seen(item, "last_paid_at")),
            }
            for item in values
        ],
    }


@access("identity.merge", methods=("POST",))
def unmerge(request: StaffRequest, pk: int) -> HttpResponse:
    """Separate two persons again, as they were."""
    merged = get_object_or_404(Merge.objects.filter(kept__in=Customer.objects.visible_to(request.user)), pk=pk)
    url = reverse("value:customer", args=[merged.kept_id])
    try:
        services.unmerge(merged, by=request.user)
    except Refused as refusal:
        return saved(request, str(refusal), url)
    return saved(request, _("Separated again."), url)
