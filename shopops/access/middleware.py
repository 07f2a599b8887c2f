import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import Resolver404, resolve
from django.utils import translation

from shopops.access.declare import PUBLIC, declared, may
from shopops.access.errors import bad_request, too_large
from shopops.access.outside import OUTSIDE, OUTSIDE_METHODS
from shopops.history.actor import request_id

GetResponse = Callable[[HttpRequest], HttpResponse]
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class RequestMiddleware:
    """Name the request for logs and history, and never let personal pages be kept by a cache.

    Refuses, before anything is read, what no page can mean: a NUL in the address.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex[:16]
        token = request_id.set(request.id)
        try:
            response = _refused(request) or self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers.setdefault("X-Request-ID", request.id)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)  # of refusals before any view too
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    return bad_request(request) if "%00" in request.META.get("QUERY_STRING", "") else None


class LanguageMiddleware:
    """Speak the person's language: their setting, else the cookie, else the header, else zh-Hans."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _language(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in known:
        return str(chosen)
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        return str(request.user.language)
    header = request.headers.get("Accept-Language", "").lower()
    return "en" if header.startswith("en") else "zh-hans"


class AccessMiddleware:
    """Default deny: a view that declares nothing is answered 403, everybody else by its declaration.

    Refuses a body that is too large for who sends it, before anything of it is read, and a form with a NUL,
    which no field can mean and no column can hold.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return too_large(request) if _is_too_large(request) else self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        wanted = declared(view)
        permission = wanted.permission if wanted else OUTSIDE.get(match.view_name if match else "")
        if permission is None:
            raise PermissionDenied
        if permission == PUBLIC or may(request.user, permission):
            if wanted is None and request.method not in OUTSIDE_METHODS:
                return HttpResponseNotAllowed(OUTSIDE_METHODS)
            return bad_request(request) if _has_nul(request) else None
        if request.user.is_authenticated:
            raise PermissionDenied
        if request.path.startswith("/api/"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Session"})
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": settings.LOGIN_URL})
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


def _has_nul(request: HttpRequest) -> bool:
    """Say whether a form holds a NUL; JSON is looked through by who reads it."""
    if request.method != "POST" or request.content_type not in FORMS:
        return False
    return any("\x00" in text for name, values in request.POST.lists() for text in (name, *values))


def _is_too_large(request: HttpRequest) -> bool:
    """Say whether a body is beyond its limit: that of uploads for somebody logged in, else that of forms.

    A cookie alone proves nothing; who sends it is asked only where the smaller limit is passed.
    """
    text = request.META.get("CONTENT_LENGTH") or "0"
    size = int(text) if text.isascii() and text.isdigit() else 0
    if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return False
    return size > _largest(request) or not request.user.is_authenticated


def _largest(request: HttpRequest) -> int:
    try:
        wanted = declared(resolve(request.path_info).func)
    except Resolver404:
        return 0
    own = wanted.largest() if wanted and wanted.largest else settings.REQUEST_MAX_BYTES
    return min(own, settings.REQUEST_MAX_BYTES)
