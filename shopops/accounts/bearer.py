"""``Authorization: Bearer …`` for the API."""

from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication

from shopops.access import limits
from shopops.access.addresses import client_address
from shopops.accounts import tokens

if TYPE_CHECKING:
    from rest_framework.request import Request

    from shopops.accounts.models import ApiToken, User

CALLS: Final = 120  # of one token within a minute
WRONG: Final = 20  # unknown tokens of one address within a minute


def identify(request: HttpRequest) -> HttpResponse | None:
    """Set ``request.user`` and ``request.api_token`` by the header; return a refusal, or None to go on.

    Whoever sends the header is judged by it alone: a wrong token is not helped by a session.
    """
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    token = tokens.find(secret.strip())
    if token is None:
        wait = limits.take("token-wrong", client_address(request), limit=WRONG, seconds=60)
        return _problem(429, _("Too many tries."), wait) if wait else _problem(401, _("This token is not valid."))
    if wait := limits.take("token", token.pk, limit=CALLS, seconds=60):
        return _problem(429, _("Too many calls with this token."), wait)
    tokens.note_use(token)
    request.user = tokens.narrowed(token)
    request.api_token = token  # type: ignore[attr-defined]  # the request carries what it was let in by
    return None


def _problem(status: int, title: str, wait: int = 0) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


class BearerAuthentication(BaseAuthentication):
    """Hand the REST framework whom the middleware found; a token asks for no CSRF token, a browser never sends it."""

    def authenticate(self, request: "Request") -> "tuple[User, ApiToken] | None":
        token = getattr(request._request, "api_token", None)
        return (token.user, token) if token is not None else None

    def authenticate_header(self, request: "Request") -> str:
        return "Bearer"
