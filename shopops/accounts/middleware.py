from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from shopops.accounts import bearer, seeing, sessions

GetResponse = Callable[[HttpRequest], HttpResponse]

# All that somebody may do who owes a second factor and has none.
ENROLMENT: Final = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "accounts:totp_picture",
        "account_reauthenticate",
        "account_logout",
        "ui:language",
        "ops:livez",
        "ops:readyz",
    }
)


class SessionLimits:
    """End sessions that were idle or lasted too long; keep those who owe a second factor at setting it up.

    What polls by itself (``X-Background``) keeps nobody logged in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            if reason := sessions.over(request):
                logout(request)
                request.session["ended"] = reason
            elif "X-Background" not in request.headers:
                sessions.touch(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponseBase], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.session.get("enrol"):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in ENROLMENT:
            return None
        if request.path.startswith("/api/"):
            return HttpResponse(status=403)
        target = reverse("mfa_index")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)


class ApiTokens:
    """Know who calls the API by ``Authorization: Bearer``: the token's owner, with the token's permissions only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refused = bearer.identify(request) if request.path.startswith("/api/") else None
        return refused or self.get_response(request)


class SeeingAs:
    """Show an administrator the pages as a role would see them: nothing can be changed, no file leaves the house."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        role = getattr(request, "seeing_as", None)
        if role is not None and response.headers.get("Content-Disposition", "").startswith("attachment"):
            response.close()
            return self._refused(request)
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponseBase], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        request.seeing_as = seeing.apply(request)  # type: ignore[attr-defined]  # our own attribute
        refused = request.seeing_as is not None and seeing.refuses(request)  # type: ignore[attr-defined]  # our own attribute
        return self._refused(request) if refused else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return self._refused(request) if isinstance(exception, seeing.NoFiles) else None

    def _refused(self, request: HttpRequest) -> HttpResponse:
        return render(request, "errors/403.html", {"seeing_as": request.seeing_as}, status=403)  # type: ignore[attr-defined]  # our own attribute
