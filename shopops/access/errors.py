"""What is answered where no view can: as a page, to the API as a problem (RFC 9457)."""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

PAGES_SEND: Final = frozenset({"GET", "HEAD", "POST"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN, **_frame(request))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND, **_frame(request))


def too_large(request: HttpRequest) -> HttpResponse:
    return _answer(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN, csrf=True, **_frame(request))


def _answer(request: HttpRequest, status: HTTPStatus, **context: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": status.phrase, "status": status.value}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    return render(request, f"errors/{status.value}.html", context, status=status)


def _frame(request: HttpRequest) -> dict[str, str]:
    """Say that who is logged in keeps the navigation; the other errors stand alone, whatever broke.

    Nor does a method that no page sends need one: those are programs.
    """
    user = getattr(request, "user", None)
    in_page = request.method in PAGES_SEND and user is not None and user.is_authenticated
    return {"frame": "errors/in_frame.html"} if in_page else {}
