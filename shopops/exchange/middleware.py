from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shopops.exchange import register

GetResponse = Callable[[HttpRequest], HttpResponse]


class FilesLeave:
    """No file leaves that is not in the register; one more than an hour allows is answered by a page that says when."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_file(response) and not register.is_noted(response):
            response.close()
            raise ImproperlyConfigured(f"{request.path} hands out a file without shopops.exchange.register.")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, register.TooManyFiles):
            return None
        query = request.GET.copy()
        back = f"{request.path}?{query.urlencode()}" if query.pop("export", None) else ""
        response = render(request, "shopops/exchange/too_many.html", {"problem": exception, "back": back}, status=429)
        response.headers["Retry-After"] = str(exception.seconds)
        return response


def is_file(response: HttpResponse) -> bool:
    """Say whether an answer is saved as a file rather than shown."""
    return response.headers.get("Content-Disposition", "").lower().startswith("attachment")
