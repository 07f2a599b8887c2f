"""What stands beside every record: its timeline with comments and files, following, pinning."""

from typing import Any, Final

from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import may
from shopops.collaboration import mentions, queries, services
from shopops.collaboration.content import ACCEPT
from shopops.collaboration.models import Attachment, Comment
from shopops.history.models import Change
from shopops.history.queries import changes_of_rows
from shopops.history.versions import version_of
from shopops.ui import formats, once, records
from shopops.ui.restoring import may_restore, setters_of
from shopops.ui.timeline import Event, events_of, told_of

PAGE: Final = 20
FIELD_CHANGES: Final = 8  # told of one field
_COMMENT: Final = Comment._meta.db_table
_ATTACHMENT: Final = Attachment._meta.db_table


def side(request: HttpRequest, record: Model) -> dict[str, Any]:
    """Return what ``components/collaboration.html`` shows; the number of queries does not grow with the history."""
    table = record._meta.db_table
    version = version_of(record)  # read before the rest: a change between is told once too often, never overwritten
    events, older = history(request, record)
    if older is None:
        events += told_of(record)
        events.sort(key=lambda item: item.at, reverse=True)
    return {
        "table": table,
        "pk": record.pk,
        "version": version,
        "events": events,
        "older": _older(table, record.pk, older),
        "once": once.token(),
        "accept": ACCEPT,
        "longest": services.LONGEST,
        **queries.standing(record, request.user),
    }


def _older(table: str, pk: int, before: int | None) -> str:
    if before is None:
        return ""
    return f"{reverse('collaboration:timeline', args=[table, pk])}?before={before}"


def history(request: HttpRequest, record: Model, *, before: int | None = None) -> tuple[list[Event], int | None]:
    """Return one page of a record's timeline, newest first, and the number older ones stand before (or None)."""
    user = request.user
    changes = changes_of_rows(queries.rows_of(record), before=before)
    # A comment is one entry, as it stands now; how it was changed is told inside it.
    changes = changes.exclude(Q(table_name=_COMMENT) & ~Q(op="insert")).exclude(table_name=_ATTACHMENT)
    rows = list(changes[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    rows = rows[:PAGE]
    events = events_of(rows, user)
    _with_comments(events, user)
    _with_places(events, record)
    _with_restores(events, record, user)
    return events, older


def _with_comments(events: list[Event], user: Any) -> None:
    """Put what was written into the entries of comments; four queries, none without comments."""
    wanted = [item.row[1] for item in events if item.row[0] == _COMMENT]
    if not wanted:
        return
    comments = queries.comments_by_id(wanted)
    former = _former(item.pk for item in comments.values() if item.edited_at and not item.removed_at)
    texts = [item.text for item in comments.values()] + [text for each in former.values() for text in each]
    people = mentions.people_of(texts)
    remove_others = may(user, services.REMOVE_OTHERS)
    for event in events:
        comment = comments.get(event.row[1]) if event.row[0] == _COMMENT else None
        if comment is None:
            continue
        mine = services.may_change(comment, user)
        event.title, event.changes = _("Comment"), []
        event.comment = {
            "pk": comment.pk,
            "pieces": mentions.pieces(comment.text, people),
            "removed": comment.removed_at,
            "removed_by": str(comment.removed_by or ""),
            "edited": comment.edited_at,
            "former": [mentions.pieces(text, people) for text in former.get(comment.pk, [])],
            "may_edit": mine,
            "may_remove": comment.removed_at is None and (mine or remove_others),
            "files": [_file(item, may_remove=mine or remove_others) for item in comment.files.all()],
        }


def _former(ids: Any) -> dict[int, list[str]]:
    """Return the former texts of edited comments, newest first, from their history."""
    found: dict[int, list[str]] = {}
    keys = list(ids)
    if not keys:
        return found
    edits = Change.objects.filter(table_name=_COMMENT, row_id__in=keys, op="update").order_by("-id")
    for row_id, changes in edits.values_list("row_id", "changes"):
        if "text" in changes:
            found.setdefault(row_id, []).append(str(changes["text"][0] or ""))
    return found


def _file(item: Attachment, *, may_remove: bool) -> dict[str, Any]:
    return {
        "pk": item.pk,
        "name": item.name,
        "kind": item.kind,
        "is_image": item.kind == Attachment.Kind.IMAGE,
        "words": item.get_kind_display(),
        "size": formats.file_size(item.size),
        "width": item.width,
        "height": item.height,
        "removed": item.removed_at is not None,
        "may_remove": may_remove and item.removed_at is None,
    }


def _with_places(events: list[Event], record: Model) -> None:
    """Say of parts which one is meant, and lead to those that have a page of their own."""
    for event in events:
        table, pk = event.row
        if table not in {record._meta.db_table, _COMMENT, ""}:
            event.about = f"#{pk}" if pk != record.pk else ""
            event.url = records.kinds()[table].url(pk) if _has_simple_page(table) else ""


def _has_simple_page(table: str) -> bool:
    kind = records.kinds().get(table)
    return kind is not None and kind.url_field == "pk" and bool(kind.url_kwarg)


def _with_restores(events: list[Event], record: Model, user: Any) -> None:
    """Mark the fields whose former value this person may set again."""
    table = record._meta.db_table
    allowed = {column for column in setters_of(table) if may_restore(user, table, column)}
    for event in events:
        if event.row == (table, record.pk):
            event.changes = [step._replace(restorable=step.column in allowed) for step in event.changes]


def field_history(record: Model, column: str, user: Any) -> list[Event]:
    """Return the last changes of one field of a record, newest first, each with this field alone."""
    table = record._meta.db_table
    changes = changes_of_rows({table: [record.pk]}).filter(op="update", changes__has_key=column)
    events = events_of(list(changes[:FIELD_CHANGES]), user)
    for event in events:
        event.changes = [step for step in event.changes if step.column == column]
    _with_restores(events, record, user)
    return [event for event in events if event.changes]
