"""Access and errors of the API: the same declarations as pages, problems as RFC 9457."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from shopops.access.declare import may
from shopops.errors import Refused
from shopops.history.versions import Conflict

if TYPE_CHECKING:
    from rest_framework.views import APIView


class DeclaredAccess(BasePermission):
    """Pass those who pass the view's ``permission``."""

    def has_permission(self, request: HttpRequest, view: "APIView") -> bool:
        return may(request.user, getattr(view, "permission", "")) if getattr(view, "permission", "") else False


def problem(error: Exception, context: dict[str, object]) -> Response | None:
    """Answer an error of the API as ``application/problem+json``."""
    from rest_framework.views import exception_handler  # noqa: PLC0415 - loading it loads this module

    from shopops.access.versions import told  # noqa: PLC0415 - for the same reason

    if isinstance(error, Refused):
        response = Response(status=409 if isinstance(error, Conflict) else 422)
        title = str(error)
    else:
        response = exception_handler(error, context)  # type: ignore[assignment]  # may be None; the name is declared above
        if response is None:
            return None
        title = str(getattr(error, "detail", error))
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": response.status_code}
    if isinstance(error, exceptions.ValidationError):
        body |= {"title": str(error.default_detail), "errors": error.detail}
    if isinstance(error, Conflict):
        body |= told(error)
    response.data = body
    response.content_type = "application/problem+json"
    return response
