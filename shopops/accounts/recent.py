"""Has somebody shown lately that it is them? Asked before approvals, mass exports and changes of the log-in itself."""

from collections.abc import Callable
from functools import wraps
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from shopops import clock
from shopops.access.declare import SAFE_METHODS
from shopops.accounts import sessions

WINDOW: Final = 600  # seconds after a log-in or a confirmation
View = Callable[..., HttpResponseBase]


def recently_authenticated(request: HttpRequest) -> bool:
    """Say whether the person logged in, or confirmed it is them, within ten minutes; a token never did."""
    if getattr(request, "api_token", None) is not None or not request.user.is_authenticated:
        return False
    latest = max(request.session.get("since", 0), request.session.get("confirmed", 0))
    return bool(clock.now().timestamp() - latest < WINDOW)


def note_confirmed(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """Remember a confirmation (allauth tells of it) and give the session a new id."""
    if kwargs.get("reauthenticated"):
        request.session["confirmed"] = int(clock.now().timestamp())
        sessions.renew(request)


def require_recent_login(view: View) -> View:
    """Let a view run only for somebody :func:`recently_authenticated`; others confirm first and come back.

    A page is opened again afterwards; a form's page is shown again, to be sent once more.
    Stands above or below ``@access``.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if recently_authenticated(request):
            return view(request, *args, **kwargs)
        return confirm_first(request)

    return guarded


def confirm_first(request: HttpRequest) -> HttpResponse:
    """Send somebody to the page that asks who they are; API calls are refused."""
    if request.path.startswith("/api/"):
        raise PermissionDenied
    target = f"{reverse('account_reauthenticate')}?{urlencode({'next': _way_back(request)})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def _way_back(request: HttpRequest) -> str:
    if request.method in SAFE_METHODS and not request.headers.get("HX-Request"):
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "/"
