"""Asking for a file with many rows, and fetching it."""

from copy import copy

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.declare import STAFF, StaffRequest, access, may
from shopops.accounts.recent import require_recent_login
from shopops.errors import Refused
from shopops.ui import exports, mass_export
from shopops.ui.filters import BadFilter
from shopops.ui.pages import ListPage, saved


def list_at(request: HttpRequest, path: str, query: str) -> ListPage:
    """Return the list page of an address as this person has it. Raises Http404, PermissionDenied."""
    try:
        match = resolve(path)
    except Resolver404 as error:
        raise Http404 from error
    cls = getattr(match.func, "view_class", None)
    if cls is None or not issubclass(cls, ListPage):
        raise Http404
    if not may(request.user, cls.permission):
        raise PermissionDenied
    asked = copy(request)
    asked.GET, asked.method, asked.path, asked.path_info = QueryDict(query), "GET", path, path  # type: ignore[assignment]  # a request made over
    asked.resolver_match = match
    page = cls(**match.func.view_initkwargs)  # type: ignore[attr-defined]  # the attribute of as_view()
    page.setup(asked, *match.args, **match.kwargs)
    return page


@access(STAFF, methods=("POST",))
@require_recent_login
def ask(request: StaffRequest) -> HttpResponse:
    """Ask for consent to take a list along; who may not export it cannot ask."""
    path, query, kind = (request.POST.get(name, "")[:4000] for name in ("path", "query", "kind"))
    if kind not in exports.KINDS:
        raise Http404
    page = list_at(request, path, query)
    try:
        title, rows = page.wanted_rows()
    except BadFilter as error:
        raise Http404 from error
    wanted = mass_export.Wanted(path, query, kind, title, rows)
    reason = request.POST.get("reason", "").strip()
    if len(reason) < 2:
        return mass_export.asking(request, wanted, problem=_("Say what you need it for."), status=422)
    try:
        asked = mass_export.ask_for(wanted, reason=reason, by=request.user)
    except Refused as refusal:
        return mass_export.asking(request, wanted, problem=str(refusal), status=422)
    words = _("Asked. You are told when somebody has decided.")
    return saved(request, words, reverse("approvals:approval", kwargs={"pk": asked.pk}))


@access(STAFF, methods=("GET",))
def fetch(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Give who asked the file somebody agreed to, with today's rights and no more rows than agreed."""
    asked = mass_export.granted(pk, request.user, clock.now())
    if asked is None:
        raise Http404
    try:
        return list_at(request, asked.payload["path"], asked.payload["query"]).consented_file(asked)
    except BadFilter as error:
        raise Http404 from error
