"""What somebody looks after themselves: where they are logged in, their API tokens."""

from datetime import datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.addresses import client_address
from shopops.access.declare import PUBLIC, STAFF, StaffRequest, access, permissions
from shopops.accounts import forgotten, sessions, throttle, tokens
from shopops.accounts.devices import describe
from shopops.accounts.facts import tell
from shopops.accounts.forms import ForgottenForm, TokenForm
from shopops.accounts.models import ApiToken
from shopops.accounts.recent import require_recent_login
from shopops.errors import Refused
from shopops.ui.pages import saved


@access(STAFF, methods=("GET",))
def own_sessions(request: StaffRequest) -> HttpResponse:
    """Show where somebody is logged in."""
    here = request.session.session_key
    shown = [
        {
            "pk": item.pk,
            "device": describe(item.user_agent),
            "address": item.ip,
            "seen": item.last_seen_at,
            "since": item.created_at,
            "here": item.session_key == here,
        }
        for item in sessions.of(request.user)
    ]
    context = {"title": _("Where I am logged in"), "sessions": shown, "others": any(not item["here"] for item in shown)}
    return render(request, "shopops/accounts/sessions.html", context)


@access(STAFF, methods=("POST",))
@require_recent_login
def end_session(request: StaffRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    if not sessions.end(request.user, pk):
        raise Http404
    return saved(request, _("That log-in is ended."), reverse("accounts:sessions"))


@access(STAFF, methods=("POST",))
@require_recent_login
def end_other_sessions(request: StaffRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    sessions.end_others(request, request.user)
    tell(request.user, "sessions_ended", by=request.user)
    return saved(request, _("You are logged out everywhere else."), reverse("accounts:sessions"))


@access(STAFF)
@require_recent_login
def own_tokens(request: StaffRequest) -> HttpResponse:
    """Show one's API tokens and make a new one, whose text is shown this once."""
    form = TokenForm(request.POST or None, user=request.user)
    if form.is_valid():
        try:
            token, secret = tokens.create(
                request.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=_end_of(form.cleaned_data["days"]),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            context = {
                "title": _("New API token"),
                "token": token,
                "secret": secret,
                "header": f"Authorization: Bearer {token.prefix}…",
            }
            return render(request, "shopops/accounts/token_made.html", context)
    status = 422 if form.is_bound else 200
    context = {"title": _("API tokens"), "form": form, "tokens": _tokens_of(request), "may": form.offers}
    return render(request, "shopops/accounts/tokens.html", context, status=status)


def _end_of(days: int) -> datetime:
    """Return the end of the store day so many days ahead, a year at most."""
    now = clock.now()
    last = datetime.combine(clock.today() + timedelta(days=days), time(), clock.store_zone())
    return min(last, now + tokens.LONGEST)


def _tokens_of(request: StaffRequest) -> list[dict[str, object]]:
    labels = {code: item.label for code, item in permissions().items()}
    now = clock.now()
    return [
        {
            "token": item,
            "scopes": [labels.get(code, code) for code in item.scopes],
            "state": "inactive" if item.revoked_at or item.expires_at <= now else "active",
            "valid": not item.revoked_at and item.expires_at > now,
        }
        for item in ApiToken.objects.filter(user=request.user).order_by("-id")[:50]
    ]


@access(STAFF, methods=("POST",))
def revoke_token(request: StaffRequest, pk: int) -> HttpResponse:
    """Revoke one of one's own tokens."""
    if not tokens.revoke(request.user, by=request.user, pk=pk):
        raise Http404
    return saved(request, _("The token is revoked."), reverse("accounts:tokens"))


@access(PUBLIC)
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the answer is the same whoever is meant."""
    if request.user.is_authenticated:
        return redirect("ui:me")
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        if wait := forgotten.ask(form.cleaned_data["name"], address=client_address(request)):
            return throttle.too_many(request, wait)
        return render(request, "shopops/accounts/forgot_sent.html")
    status = 422 if form.is_bound else 200
    return render(request, "shopops/accounts/forgot.html", {"form": form}, status=status)
