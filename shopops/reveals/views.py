"""Uncovering one personal field at a time, and the log of who looked at what."""

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.declare import StaffRequest, access
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.exchange.models import Export
from shopops.history.models import Change
from shopops.history.reasons import OTHER, REASONS
from shopops.history.services import REVEALS_AN_HOUR, note_reveal, reveals_of_hour
from shopops.reveals.fields import personal_field
from shopops.reveals.kinds import Revealable, revealables
from shopops.reveals.queries import OPS, looks
from shopops.reveals.tables import LookTable
from shopops.ui import records
from shopops.ui.filters import Choice, Days, Filter
from shopops.ui.pages import ListPage

SECONDS = 60  # how long an uncovered value stands


@access("personal.reveal", methods=("POST",))
def reveal(request: StaffRequest, table: str, pk: int, field: str) -> HttpResponse:
    """Show one personal field of a record; who looked, when and what for is written into the history first."""
    kind = revealables().get(table)
    if kind is None or field not in kind.fields or (whole := records.found(request.user, table, pk)) is None:
        raise Http404
    record = get_object_or_404(kind.model, pk=pk)
    if not getattr(record, field):
        raise Http404
    shown = personal_field(request.user, record, field)
    try:
        shown |= _uncovered(request, kind, record, field)
    except Refused as refusal:
        shown |= {"problem": str(refusal)}
    status = 422 if "problem" in shown else 200
    context = {"field": shown, "seconds": SECONDS, "back": records.url_of(whole), "title": records.title_of(whole)}
    template = "components/personal.html" if "HX-Request" in request.headers else "shopops/reveals/page.html"
    return render(request, template, context, status=status)


def _uncovered(request: StaffRequest, kind: Revealable, record: Any, field: str) -> dict[str, Any]:
    reason = request.POST.get("reason", "")
    if reason == OTHER:
        reason = request.POST.get("words", "")
    elif reason not in REASONS:
        raise Refused(_("Say what you need it for."))
    note_reveal(record, field, reason=reason, by=request.user)
    seen = reveals_of_hour(request.user)
    count = _("%(count)s of %(limit)s within an hour") % {"count": seen, "limit": REVEALS_AN_HOUR}
    return {"value": kind.value(record, field), "count": count}


class LookLog(ListPage):
    """Who saw whose which field, when and why; what was taken along as a file; who saw the pages as a role."""

    permission, table = "reveals.view", LookTable
    export_permission = "reveals.export"
    title, order = gettext_lazy("Access log"), ("-id",)
    empty_title = gettext_lazy("Nobody has looked yet")
    empty_text = gettext_lazy("Each uncovered phone number or address, each list taken along as a file stands here.")
    empty_icon: ClassVar[str] = "eye"

    def get_queryset(self) -> QuerySet[Change]:
        return looks().select_related("actor")

    def file_rows(self, rows: QuerySet[Change], noted: Export) -> QuerySet[Change]:
        return rows.exclude(table_name=noted._meta.db_table, row_id=noted.pk)

    def get_filters(self) -> list[Filter]:
        return self._filters

    @cached_property
    def _filters(self) -> list[Filter]:
        people = User.objects.visible_to(self.request.user).order_by("full_name", "pk")
        tables = sorted(revealables(), key=records.words_of)
        return [
            Choice("person", _("Who"), lookup="actor_id", choices=[(str(item.pk), str(item)) for item in people]),
            Choice("what", _("What"), lookup="op", choices=[(code, words) for code, words in OPS.items()]),
            Choice(
                "of", _("Whose"), lookup="table_name", choices=[(table, records.words_of(table)) for table in tables]
            ),
            Days("day", _("When"), lookup="at"),
        ]
