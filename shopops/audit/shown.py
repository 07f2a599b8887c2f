"""Changes as the search shows them: the record's link, the fields in plain words, nothing a reader may not see."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import may
from shopops.access.scopes import is_limited_anywhere
from shopops.audit.queries import values_are_open
from shopops.history.models import Change
from shopops.history.reasons import READS_WORDS, REASONS
from shopops.ui import records
from shopops.ui.timeline import Step, events_of

if TYPE_CHECKING:
    from shopops.accounts.models import User


def op_words() -> dict[str, str]:
    """Return what happened, in words, by the code of the history."""
    return {
        "insert": _("added"),
        "update": _("changed"),
        "delete": _("removed"),
        "reveal": _("looked at"),
        "export": _("exported"),
        "see_as": _("seen as a role"),
    }


def decorate(rows: Sequence[Change], user: "User") -> None:
    """Give each change what its line shows; a query for each table of records, none for each row."""
    links = records.shown(user, {(row.table_name, row.row_id) for row in rows})
    words, limited = op_words(), is_limited_anywhere(user)
    # Personal, pay and cost values are nobody's here: the record's own page shows them by right.
    for row, event in zip(rows, events_of(rows, user, is_masked=True), strict=True):
        link = links.get((row.table_name, row.row_id))
        line: Any = row
        line.own_url = reverse("audit:change", args=[row.pk])
        line.record_kind = records.words_of(row.table_name)
        line.record_title = link.title if link else f"#{row.row_id}"
        line.record_url = link.url if link else ""
        line.op_words = words.get(row.op, row.op)
        line.who = event.actor
        line.origin = event.source or row.source or row.request_id
        _words, behind = records.source_words(row.source)
        line.origin_url = event.source_url if behind and may(user, behind[0].permission) else ""
        # Who sees some channels only reads the values of records they may open, not of every record of the kind.
        line.steps = steps_of(row, event.changes, user, is_open=link is not None or not limited)
        line.more = max(len(line.steps) - 3, 0)


def steps_of(row: Change, steps: list[Step], user: "User", *, is_open: bool = True) -> list[Step]:
    """Return the fields of a change; their values only where the reader may open such records."""
    if row.op == "reveal":
        return steps if may(user, READS_WORDS) else [_without_words(step, row) for step in steps]
    if is_open and values_are_open(user, row.table_name):
        return steps
    return [step._replace(before=_("hidden") if step.before else "", after=_("hidden")) for step in steps]


def _without_words(step: Step, row: Change) -> Step:
    """Leave of a look's reason what the list of reasons says, not what somebody typed."""
    return step if row.changes.get(step.column) in REASONS else step._replace(after=_("hidden"))
