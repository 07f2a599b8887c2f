"""What administrators do about log-ins: rules by role, ending, resetting, a leaver."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import access
from shopops.accounts import leavers, rules, second_factor, sessions, tokens
from shopops.accounts.facts import tell
from shopops.accounts.forms import LeaveForm, RulesForm
from shopops.accounts.models import Role, User
from shopops.accounts.recent import require_recent_login
from shopops.errors import Refused
from shopops.ui.pages import saved


@access("settings.change")
@require_recent_login
def log_in_rules(request: HttpRequest) -> HttpResponse:
    """Say for each role whether a second factor is required and when an idle log-in ends."""
    roles = list(Role.objects.order_by("position", "pk"))
    form = RulesForm(request.POST or None, roles=roles)
    if form.is_valid():
        rules.change(form.wanted(), by=request.user)
        return saved(request, _("Saved."), reverse("accounts:rules"))
    status = 422 if form.is_bound else 200
    context = {"title": _("Log-in rules"), "form": form, "lines": form.lines(), "required": rules.required_by_default()}
    return render(request, "shopops/accounts/rules.html", context, status=status)


@access("accounts.change", methods=("POST",))
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Log somebody out everywhere and end their API tokens."""
    user = get_object_or_404(User, pk=pk)
    sessions.end_all(user, by=request.user)
    tokens.revoke(user, by=request.user)
    tell(user, "sessions_ended", by=request.user)
    return saved(request, _("Logged out everywhere; API tokens are ended."), _page(pk))


@access("settings.change", methods=("POST",))
@require_recent_login
def end_everybody(request: HttpRequest) -> HttpResponse:
    """Log everybody else out, as after a leak."""
    sessions.end_everybody(by=request.user)
    return saved(request, _("Everybody else is logged out."), reverse("accounts:rules"))


@access("accounts.change", methods=("POST",))
@require_recent_login
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factors from somebody who lost them."""
    user = get_object_or_404(User, pk=pk)
    second_factor.reset(user, by=request.user)
    return saved(request, _("The second factors are removed. The person was told."), _page(pk))


@access("accounts.change")
@require_recent_login
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what somebody who leaves has open, and hand it over while ending their access."""
    user = get_object_or_404(User, pk=pk)
    form = LeaveForm(request.POST or None, people=leavers.successors(user))
    if form.is_valid():
        try:
            leavers.leave(pk, to_id=int(form.cleaned_data["to"]), by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("%(name)s has left; nothing stayed open.") % {"name": user}, _page(pk))
    context = {
        "title": _("%(name)s leaves") % {"name": user},
        "person": user,
        "form": form,
        "open": leavers.open_items(user),
        "sessions": sessions.of(user).count(),
        "tokens": tokens.valid(user).count(),
        "factors": user.factor_count,
    }
    return render(request, "shopops/accounts/leave.html", context, status=422 if form.is_bound else 200)


def _page(pk: int) -> str:
    return reverse("accounts:person", kwargs={"pk": pk})
