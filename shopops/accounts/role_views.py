"""Roles: what each sees, does and reveals, who has it; comparing, making and changing; seeing the pages as one."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.accounts import role_pages, role_permissions, seeing
from shopops.accounts.models import Role, User
from shopops.accounts.role_forms import CompareForm, PermissionsForm, RoleForm
from shopops.approvals.models import Approval
from shopops.approvals.queries import kinds_without_a_second
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.ui.pages import form_page, saved, side_of


@access("accounts.view", methods=("GET",))
def roles(request: HttpRequest) -> HttpResponse:
    """List the roles: who has them, how much each sees, does and reveals."""
    people = Count("users", filter=Q(users__is_active=True))
    every = Role.objects.select_related("department").annotate(people=people).order_by("position", "pk")
    context = {
        "title": _("Roles"),
        "rows": role_pages.rows(every),
        "compare": CompareForm(),
        "may_change": request.user.has_perm("accounts.change"),
        "kinds_without_a_second": kinds_without_a_second(),
        "may_name": request.user.has_perm("approvals.change"),
    }
    return render(request, "shopops/accounts/roles.html", context)


@access("accounts.view", methods=("GET",))
def role(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one role: what it may, by department, and who has it."""
    found = get_object_or_404(Role.objects.select_related("department"), pk=pk)
    context = {
        "title": str(found),
        "role": found,
        "groups": role_pages.only(role_pages.groups(found.permissions), differing=False),
        "people": _people(request, found),
        "waiting": role_permissions.waiting(found),
        "may_change": request.user.has_perm("accounts.change"),
        "may_see_as": request.user.has_perm(seeing.PERMISSION) and request.user.seeing_as is None,
        "side": side_of(request, found),
    }
    return render(request, "shopops/accounts/role.html", context)


def _people(request: HttpRequest, found: Role) -> QuerySet[User]:
    seen = User.objects.visible_to(request.user)
    return seen.filter(roles=found, is_active=True).select_related("department").order_by("full_name", "pk")


@access("accounts.view", methods=("GET",))
def compare(request: HttpRequest) -> HttpResponse:
    """Show two roles side by side: the differences first."""
    form = CompareForm(request.GET or None)
    context: dict[str, Any] = {"title": _("Two roles compared"), "form": form}
    if form.is_valid():
        both = (form.cleaned_data["a"], form.cleaned_data["b"])
        every = role_pages.groups(*(item.permissions for item in both))
        context |= {
            "both": both,
            "differing": role_pages.only(every, differing=True),
            "shared": role_pages.only(every, differing=False),
        }
    return render(request, "shopops/accounts/compare.html", context, status=400 if form.errors else 200)


@access("accounts.change")
def new_role(request: HttpRequest) -> HttpResponse:
    """Make a role; with the rights of another where one is named, once somebody else has agreed."""
    form = RoleForm(request.POST or None, initial={"like": request.GET.get("like", "")[:18]})
    if form.is_valid():
        given = form.cleaned_data
        try:
            with acting(request.user):
                made = role_permissions.create(name=given["name"], department=given["department"], by=request.user)
                wanted = given["like"].permissions if given["like"] else []
                asked = role_permissions.ask_for(made, role_permissions.known(wanted), by=request.user)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return saved(request, _words(asked, _("The role is made.")), reverse("accounts:role", args=[made.pk]))
    return form_page(request, form, title=_("New role"), back=reverse("accounts:roles"))


@access("accounts.change")
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for other rights of a role."""
    found = get_object_or_404(Role, pk=pk)
    form = PermissionsForm(request.POST if request.method == "POST" else None)  # no box ticked is an answer too
    chosen = request.POST.getlist("codes") if form.is_bound else found.permissions
    if form.is_valid():
        try:
            given = form.cleaned_data
            asked = role_permissions.ask_for(found, given["codes"], reason=given["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _words(asked, _("Nothing to change.")), reverse("accounts:role", args=[pk]))
    context = {
        "title": _("What “%(role)s” may do") % {"role": found},
        "role": found,
        "form": form,
        "groups": role_pages.groups(set(chosen)),
        "waiting": role_permissions.waiting(found),
    }
    return render(request, "shopops/accounts/role_change.html", context, status=422 if form.errors else 200)


def _words(asked: Approval | None, nothing: str) -> str:
    if asked is None:
        return nothing
    if asked.state == Approval.State.OPEN:
        return _("Asked. The rights change when another person has agreed.")
    return _("Nobody else could decide: the rights have changed, and this is listed as decided alone.")


@access("accounts.see_as", methods=("POST",))
def see_as(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """See the pages as this role from now on."""
    seeing.begin(request, get_object_or_404(Role, pk=pk))
    return HttpResponseRedirect("/")


@access(STAFF, methods=("POST",))
def stop_seeing(request: HttpRequest) -> HttpResponseRedirect:
    """Be oneself again, at the role's page."""
    role_pk = request.session.get(seeing.KEY)
    seeing.stop(request)
    return HttpResponseRedirect(reverse("accounts:role", args=[role_pk]) if role_pk else "/")
