"""The command palette: pages, and what the finders know."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from shopops.access import limits
from shopops.access.declare import STAFF, access
from shopops.search.registry import Hit, search
from shopops.ui.navigation import entries
from shopops.ui.pages import is_fragment

A_MINUTE: Final = 60  # searches of one person: nobody tries all last digits of phones one after the other


@access(STAFF, methods=("GET",))
def palette(request: HttpRequest) -> HttpResponse:
    """Answer what fits the typed text: pages first, then records, five a group."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    template = "shopops/search/_results.html" if is_fragment(request) else "shopops/search/page.html"
    if text and (wait := limits.take("search", request.user.pk, limit=A_MINUTE, seconds=60)):
        response = render(request, template, {"text": text, "wait": wait}, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    pages = [
        Hit(str(item.label), reverse(item.url_name))
        for item in entries(request.user)
        if text.lower() in str(item.label).lower()
    ]
    groups = search(request.user, text) if text else []
    return render(request, template, {"text": text, "pages": pages[:8], "groups": groups})
