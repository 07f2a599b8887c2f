"""Files with many rows: somebody else has to agree, then who asked may fetch theirs for a day.

The consent is for one address (list, filters, columns), one kind of file and at most so many rows; the
file is made when it is fetched, with the rights of that moment. Nothing is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops import clock
from shopops.approvals.kinds import Line, Payload, Result
from shopops.approvals.models import Approval
from shopops.approvals.services import ask
from shopops.ui import formats
from shopops.ui.counting import capped_counts

if TYPE_CHECKING:
    from shopops.accounts.models import User

KIND: Final = "exports.mass"
LIMIT: Final = 1_000_000  # rows of a file


@dataclass(frozen=True)
class Wanted:
    """A file somebody wants: the address of the list with its filters and columns, and the kind of file."""

    path: str
    query: str
    kind: str
    title: str
    rows: int


def needs_consent(rows: QuerySet[Any]) -> bool:
    """Say whether these are more rows than one person may take along alone (setting EXPORT_FREE_ROWS)."""
    return capped_counts([rows], settings.EXPORT_FREE_ROWS)[0] > settings.EXPORT_FREE_ROWS


def ask_page(request: HttpRequest, title: object, rows: QuerySet[Any], kind: str) -> HttpResponse:
    """Answer an export that needs consent with the page that asks for it."""
    query = request.GET.copy()
    query.pop("export", None)
    wanted = Wanted(request.path, query.urlencode(), kind, str(title), capped_counts([rows], LIMIT)[0])
    return asking(request, wanted, status=403)


def asking(request: HttpRequest, wanted: Wanted, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show what is asked for, with a field for the reason."""
    context = {
        "title": _("This file needs somebody else’s consent"),
        "wanted": wanted,
        "rows": formats.number(wanted.rows),
        "free": formats.number(settings.EXPORT_FREE_ROWS),
        "problem": problem,
        "back": f"{wanted.path}?{wanted.query}",
    }
    return render(request, "shopops/ui/ask_export.html", context, status=status)


def ask_for(wanted: Wanted, *, reason: str, by: "User") -> Approval:
    """Ask for consent; the same file asked for again while it waits is the same request."""
    payload = {
        "path": wanted.path,
        "query": wanted.query,
        "kind": wanted.kind,
        "title": wanted.title,
        "rows": wanted.rows,
    }
    waiting = Approval.objects.filter(kind=KIND, asked_by=by, state="open", payload=payload).first()
    return waiting or ask(KIND, record=None, payload=payload, reason=reason, by=by)


def granted(approval_id: int, user: "User", now: datetime) -> Approval | None:
    """Return the consent ``user`` got and may still use; nobody else's, and none past its day."""
    found = Approval.objects.filter(pk=approval_id, kind=KIND, asked_by=user, state="executed").first()
    return found if found is not None and now < _ends(found) else None


def _ends(asked: Approval) -> datetime:
    if asked.decided_at is None:
        return asked.asked_at
    return asked.decided_at + timedelta(hours=settings.EXPORT_LINK_HOURS)


def execute(payload: Payload, *, asked_by: "User", by: "User") -> None:
    """Nothing more: the request's own state is the consent."""


def summary(payload: Payload) -> str:
    return _("%(list)s: %(rows)s rows") % {"list": payload["title"], "rows": formats.number(payload["rows"])}


def describe(payload: Payload) -> list[Line]:
    """Say which rows would leave the house."""
    return [
        (_("Rows as a file"), formats.ABSENT, f"{formats.number(payload['rows'])} · {payload['kind'].upper()}"),
        (_("List"), formats.ABSENT, payload["title"]),
        (_("Filters and columns"), formats.ABSENT, payload["query"] or formats.ABSENT),
    ]


def result(asked: Approval, user: "User") -> Result | None:
    """Offer the file to who asked, until it ends."""
    if granted(asked.pk, user, clock.now()) is None:
        return None
    until = _("until %(moment)s") % {"moment": formats.moment(_ends(asked))}
    return Result(reverse("ui:export", kwargs={"pk": asked.pk}), _("Fetch the file"), until)
