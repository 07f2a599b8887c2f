from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PAGES_SEND: Final = frozenset({"GET", "HEAD", "POST"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", _frame(request), status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", _frame(request), status=404)


def _frame(request: HttpRequest) -> dict[str, str]:
    """Say that who is logged in keeps the navigation; the other errors stand alone, whatever broke.

    Nor does a method that no page sends need one: those are programs.
    """
    user = getattr(request, "user", None)
    in_page = request.method in PAGES_SEND and user is not None and user.is_authenticated
    return {"frame": "errors/in_frame.html"} if in_page else {}


def too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/403.html", {"csrf": True, **_frame(request)}, status=403)
