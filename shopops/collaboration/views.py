"""What people do beside a record: write, follow, pin, look at a field's history, set a former value again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.collaboration import files, mentions, services
from shopops.collaboration.forms import CommentForm
from shopops.collaboration.models import Comment, Follow, Pin
from shopops.collaboration.side import field_history, history, side
from shopops.errors import Refused
from shopops.history.versions import version_of
from shopops.ui import once, records, restoring
from shopops.ui.pages import is_fragment
from shopops.ui.timeline import field_of
from shopops.words import listed

MOST = 200  # pinned and followed records shown


def seen(request: HttpRequest, table: str, pk: int) -> Model:
    """Return the record, or raise Http404 where this person may not see it."""
    record = records.found(request.user, table, pk) if table in records.kinds() else None
    if record is None:
        raise Http404
    return record


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _back(record: Model) -> HttpResponse:
    return redirect(f"{records.url_of(record)}#history")


def _side(request: HttpRequest, record: Model, status: int = 200, **more: Any) -> HttpResponse:
    context = {"side": side(request, record) | more}
    return render(request, "components/collaboration.html", context, status=status)


@access(STAFF, methods=("GET",))
def timeline(request: StaffRequest, table: str, pk: int) -> HttpResponse:
    """Older entries of a record's timeline: a fragment for the page, a page of its own without script."""
    record = seen(request, table, pk)
    version = version_of(record)
    events, older = history(request, record, before=_number(request.GET.get("before", "")))
    url = f"{reverse('collaboration:timeline', args=[table, pk])}?before={older}" if older else ""
    context = {"events": events, "older": url, "side": {"table": table, "pk": pk, "version": version}}
    if is_fragment(request):
        return render(request, "components/timeline_entries.html", context)
    context |= {"title": _("History"), "record_title": records.title_of(record), "url": records.url_of(record)}
    return render(request, "shopops/collaboration/timeline.html", context)


@access(STAFF, methods=("POST",), largest=files.largest_request)
def write(request: StaffRequest, table: str, pk: int) -> HttpResponse:
    """Write a comment with files; refused, everything typed is shown again and nothing was kept."""
    record = seen(request, table, pk)
    sent = request.POST.get("once", "")
    if not once.first_time(request, sent):
        return _side(request, record) if is_fragment(request) else _back(record)
    form = CommentForm(request.POST)
    problem = "" if form.is_valid() else " ".join(message for found in form.errors.values() for message in found)
    if not problem:
        try:
            ready = files.make_ready(request.FILES.getlist("files"))
            written = services.write(record, form.cleaned_data["text"], files=ready, by=request.user)
        except Refused as refusal:
            problem = str(refusal)
        else:
            return _answered(request, record, written)
    once.forget(request, sent)
    if is_fragment(request):
        return _side(request, record, status=422, problem=problem, typed=request.POST.get("text", ""))
    messages.error(request, problem)
    return _back(record)


def _answered(request: HttpRequest, record: Model, written: services.Written) -> HttpResponse:
    note = ""
    if written.untold:
        names = listed(str(user) for user in written.untold)
        note = _("%(names)s may not see this record and was not told.") % {"names": names}
    if is_fragment(request):
        return _side(request, record, note=note)
    if note:
        messages.warning(request, note)
    return _back(record)


def _own_comment(request: HttpRequest, pk: int) -> tuple[Comment, Model]:
    comment = Comment.objects.filter(pk=pk).first()
    if comment is None:
        raise Http404
    return comment, seen(request, comment.table_name, comment.row_id)


@access(STAFF)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change one's own comment."""
    comment, record = _own_comment(request, pk)
    problem, typed = "", comment.text
    if request.method == "POST":
        form = CommentForm(request.POST)
        typed = request.POST.get("text", "")
        if form.is_valid():
            try:
                return _answered(request, record, services.edit(pk, form.cleaned_data["text"], by=request.user))
            except Refused as refusal:
                problem = str(refusal)
        else:
            problem = " ".join(message for found in form.errors.values() for message in found)
    elif not services.may_change(comment, request.user):
        raise Http404
    context = {
        "title": _("Change a comment"),
        "comment": comment,
        "typed": typed,
        "problem": problem,
        "longest": services.LONGEST,
        "url": records.url_of(record),
        "side": {"table": comment.table_name, "pk": comment.row_id},
    }
    template = "_edit" if is_fragment(request) else "edit"
    return render(request, f"shopops/collaboration/{template}.html", context, status=422 if problem else 200)


@access(STAFF, methods=("POST",))
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a comment and its files away."""
    _comment, record = _own_comment(request, pk)
    return act_on(request, record, lambda: services.remove(pk, by=request.user))


@access(STAFF, methods=("POST",))
def follow(request: StaffRequest, table: str, pk: int) -> HttpResponse:
    """Follow a record, or no longer."""
    record = seen(request, table, pk)
    return act_on(request, record, lambda: services.follow(record, on=_on(request), by=request.user))


@access(STAFF, methods=("POST",))
def pin(request: StaffRequest, table: str, pk: int) -> HttpResponse:
    """Pin a record, or take it off."""
    record = seen(request, table, pk)
    return act_on(request, record, lambda: services.pin(record, on=_on(request), by=request.user))


def _on(request: HttpRequest) -> bool:
    return request.POST.get("on") == "1"


def act_on(request: HttpRequest, record: Model, act: Callable[[], object]) -> HttpResponse:
    """Do something beside a record and show its side again, with the refusal if there is one."""
    problem = ""
    try:
        act()
    except Refused as refusal:
        problem = str(refusal)
    if is_fragment(request):
        return _side(request, record, status=422 if problem else 200, problem=problem)
    if problem:
        messages.error(request, problem)
    return _back(record)


@access(STAFF, methods=("GET",))
def people(request: StaffRequest, table: str, pk: int) -> HttpResponse:
    """Colleagues who may see this record and whose name fits what was typed after the @."""
    record = seen(request, table, pk)
    text = request.GET.get("q", "").replace("\0", "").strip()[:64]
    found = records.who_may_see(mentions.matching(text, besides=request.user), record)
    return render(request, "shopops/collaboration/_people.html", {"people": found[: mentions.OFFERED]})


@access(STAFF, methods=("GET",))
def field(request: StaffRequest, table: str, pk: int, column: str) -> HttpResponse:
    """Who set a field: its last changes, with the way back to each former value."""
    record = seen(request, table, pk)
    known = field_of(type(record), column)
    if known is None:
        raise Http404
    version = version_of(record)
    context = {
        "title": _("Who set “%(field)s”") % {"field": known.verbose_name},
        "label": known.verbose_name,
        "events": field_history(record, column, request.user),
        "record_title": records.title_of(record),
        "url": records.url_of(record),
        "side": {"table": table, "pk": pk, "version": version},
    }
    template = "_field" if is_fragment(request) else "field"
    return render(request, f"shopops/collaboration/{template}.html", context)


@access(STAFF, methods=("POST",))
def restore(request: StaffRequest, table: str, pk: int) -> HttpResponse:
    """Set a field again to what it was, by its own service."""
    record = seen(request, table, pk)
    change, version = (_number(request.POST.get(name, "")) for name in ("change", "version"))
    try:
        name = restoring.restore(record, change, request.POST.get("column", ""), version=version, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(field)s is what it was before.") % {"field": name})
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": records.url_of(record)})
    return _back(record)


@access(STAFF, methods=("GET",))
def mine(request: StaffRequest) -> HttpResponse:
    """The records somebody has pinned and those they follow."""
    lists = []
    for title, model in ((_("Pinned"), Pin), (_("Followed"), Follow)):
        rows = model.objects.filter(user=request.user).order_by("-created_at", "-id")
        lists.append((title, list(rows.values_list("table_name", "row_id")[:MOST])))
    links = records.shown(request.user, {key for _title, keys in lists for key in keys})
    shown = [{"title": title, "links": [links[key] for key in keys if key in links]} for title, keys in lists]
    context = {"title": _("Pinned and followed"), "lists": shown}
    return render(request, "shopops/collaboration/mine.html", context)
