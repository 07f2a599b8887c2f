"""The personal-data desk: requests of customers, from taking down to the answer."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.access.declare import StaffRequest, access, may
from shopops.access.field_classes import PERSONAL
from shopops.accounts.models import User
from shopops.accounts.recent import require_recent_login
from shopops.errors import Refused
from shopops.exchange import register
from shopops.exchange.models import Export
from shopops.exchange.register import Kind as FileKind
from shopops.exchange.register import Taking, Told
from shopops.history.queries import changes_of
from shopops.privacy import copying, deletion, requests
from shopops.privacy.forms import FindForm, OpenForm, RefuseForm, VerifyForm
from shopops.privacy.models import Request
from shopops.privacy.registry import person_data
from shopops.privacy.tables import RequestTable, deadline_tone, deadline_words
from shopops.topics import registered
from shopops.ui import formats
from shopops.ui.filters import Choice, Tab
from shopops.ui.pages import ListPage, RecordPage, saved
from shopops.ui.timeline import timeline

State, Kind = Request.State, Request.Kind
OPEN = (State.OPEN, State.VERIFIED, State.ASKED)


class RequestList(ListPage):
    """Every request, the open ones first in their tab."""

    permission, table = "privacy.view", RequestTable
    title, order = gettext_lazy("Data requests"), ("-created_at", "-id")
    export_permission = "privacy.handle"
    filters: ClassVar = [Choice("kind", gettext_lazy("What they ask for"), choices=Request.Kind.choices)]
    tabs: ClassVar = [
        Tab("", gettext_lazy("All"), counted=False),
        Tab("open", gettext_lazy("Open"), lambda rows: rows.filter(state__in=OPEN)),
        Tab("late", gettext_lazy("Late or due soon"), lambda rows: requests.pressing(rows), tone="bad"),
        Tab("asked", gettext_lazy("For a second person"), lambda rows: rows.filter(state=State.ASKED), counted=False),
        Tab("done", gettext_lazy("Closed"), lambda rows: rows.exclude(state__in=OPEN), counted=False),
    ]
    empty_title = gettext_lazy("No data requests yet")
    empty_text = gettext_lazy(
        "When a customer asks for a copy, a correction or the deletion of their data, note it here: the deadline is watched."
    )
    empty_icon = "shield-lock"

    def get_queryset(self) -> QuerySet[Request]:
        return Request.objects.select_related("created_by")

    def actions(self) -> list[dict[str, Any]]:
        if not may(self.request.user, "privacy.handle"):
            return []
        return [{"label": _("New request"), "url": reverse("privacy:new"), "icon": "plus", "primary": True}]


class RequestPage(RecordPage):
    """One request: what it touches, what is to be done next, who did what."""

    permission, template_name = "privacy.view", "shopops/privacy/request.html"

    def get_object(self) -> Request:
        return get_object_or_404(
            Request.objects.select_related("created_by", "closed_by", "asked_by", "agreed_by"), pk=self.kwargs["pk"]
        )

    def context(self, record: Request) -> dict[str, Any]:
        return page_context(self.request, record)


def page_context(request: HttpRequest, item: Request, **more: Any) -> dict[str, Any]:
    """Return what the page of a request shows."""
    counts = requests.counts_of(item)
    is_open = item.state in OPEN
    handles = may(request.user, "privacy.handle") and is_open
    return {
        "record": item,
        "title": str(item),
        "facts": _facts(item) + _fetched(item, request.user),
        "classes": [
            {"label": data.label, "count": formats.number(counts[data.code]), "fate": data.fate}
            for data in person_data()
            if data.code in counts
        ],
        "history_rows": counts.get("history"),
        "deadline": (deadline_words(item), deadline_tone(item)) if is_open else None,
        "nobody": is_open and not item.subject,
        "verify": VerifyForm() if handles and item.state == State.OPEN and item.subject else None,
        "acts": handles and item.state in (State.VERIFIED, State.ASKED),
        "refuse": RefuseForm() if handles else None,
        "corrections": _corrections(item) if handles and item.kind == Kind.CORRECT else [],
        "copy_ready": copying.is_there(item, request.user),
        "copy_until": item.copy_at + copying.KEPT if item.copy_at else None,
        "events": timeline(changes_of(item)),
        **more,
    }


def _fetched(item: Request, user: User) -> list[dict[str, Any]]:
    """Say who took the copy along, with the way to the register for those who may look there."""
    if not item.copy_at:
        return []
    rows = Export.objects.about(item).select_related("user").order_by("-id")[:5]
    return [
        {
            "label": _("Taken along"),
            "value": f"{row.mark} · {row.user} · {formats.moment(row.at)}",
            "href": reverse("exchange:export", args=[row.pk]) if row.user == user or may(user, "exports.view") else "",
            "code": True,
        }
        for row in rows
    ]


def _facts(item: Request) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("What they ask for"), "value": item.get_kind_display()},
        {"label": _("How it came"), "value": item.get_way_display()},
        {"label": _("Received on"), "value": formats.day(item.received_day)},
        {"label": _("To be answered by"), "value": formats.day(item.due_day)},
        {"label": _("Taken down by"), "value": str(item.created_by), "code": True},
    ]
    if item.asked_by:
        facts.append({"label": _("Asked for by"), "value": str(item.asked_by), "code": True})
    if item.agreed_by:
        facts.append({"label": _("Agreed by"), "value": str(item.agreed_by), "code": True})
    if item.proof:
        facts.append({"label": _("How we know it is them"), "value": item.get_proof_display()})
    if item.closed_at:
        facts.append({"label": _("Closed"), "value": f"{formats.moment(item.closed_at)} · {item.closed_by}"})
    if item.reason:
        facts.append({"label": _("Why it is refused"), "value": item.reason})
    return facts


def _corrections(item: Request) -> list[tuple[str, str]]:
    """Return (what, address) of the forms by which this person's data are corrected."""
    subject = requests.subject_of(item)
    return [link for links in registered("privacy", "CORRECT") for link in links(subject, item.pk)]  # type: ignore[operator]  # registries hold objects


@access("privacy.handle")
def new(request: StaffRequest) -> HttpResponse:
    """Take a request down: find who asks, choose, note. The text that finds them travels by POST alone."""
    if request.POST.get("step") == "open":
        form: FindForm | OpenForm = OpenForm(request.POST)
        if form.is_valid():
            try:
                item = _taken_down(form, request)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return saved(
                    request,
                    _("Noted. To be answered by %(day)s.") % {"day": formats.day(item.due_day)},
                    item.get_absolute_url(),
                )
        return _new_page(request, form, [], status=422)
    form = FindForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        found = requests.candidates(given["look_up"], given["text"])
        return _new_page(request, form, found, searched=True)
    return _new_page(request, form, [], status=422 if form.is_bound else 200)


def _taken_down(form: Any, request: StaffRequest) -> Request:
    given = form.cleaned_data
    return requests.take_down(
        given["kind"],
        way=given["way"],
        received_day=given["received_day"],
        subject=requests.chosen(given["who"]),
        by=request.user,
    )


def _new_page(
    request: HttpRequest, form: Any, found: list[tuple[str, str]], *, searched: bool = False, status: int = 200
) -> HttpResponse:
    kept = []
    if searched:
        given = form.cleaned_data
        kept = [("kind", given["kind"]), ("way", given["way"]), ("received_day", given["received_day"].isoformat())]
    context = {
        "title": _("New data request"),
        "form": form if "text" in form.fields else FindForm(request.POST),
        "problems": form,
        "found": [{"token": token, "words": words, "id": f"who-{n}"} for n, (token, words) in enumerate(found)],
        "searched": searched,
        "kept": kept,
    }
    return render(request, "shopops/privacy/new.html", context, status=status)


@access("privacy.handle", methods=("POST",))
def verify(request: StaffRequest, pk: int) -> HttpResponse:
    """Note how we know that the person is who they say."""
    item = get_object_or_404(Request, pk=pk)
    form = VerifyForm(request.POST)
    if form.is_valid():
        try:
            requests.verify(pk, proof=form.cleaned_data["proof"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Noted."), item.get_absolute_url())
    return render(request, RequestPage.template_name, page_context(request, item, verify=form), status=422)


@access("privacy.handle", methods=("POST",))
def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Refuse a request with the reason the person is told."""
    item = get_object_or_404(Request, pk=pk)
    form = RefuseForm(request.POST)
    if form.is_valid():
        try:
            requests.refuse(pk, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Refused."), item.get_absolute_url())
    return render(request, RequestPage.template_name, page_context(request, item, refuse=form), status=422)


@access("privacy.handle", methods=("POST",))
@require_recent_login
def act(request: StaffRequest, pk: int) -> HttpResponse:
    """Do what was asked for: make the copy, ask for the deletion, stop advertising, note the correction."""
    item = get_object_or_404(Request, pk=pk)
    acts = {
        Kind.COPY: (copying.make, _("The copy is ready. It can be fetched for seven days, by you alone.")),
        Kind.DELETE: (deletion.ask_for, _("Asked. A second person has to agree.")),
        Kind.WITHDRAW: (requests.stop_advertising, _("Noted. No advertising goes to this person any more.")),
        Kind.CORRECT: (requests.note_corrected, _("Closed.")),
    }
    do, words = acts[Kind(item.kind)]
    try:
        do(pk, by=request.user)
    except Refused as refusal:
        return render(request, RequestPage.template_name, page_context(request, item, problem=str(refusal)), status=422)
    return saved(request, words, item.get_absolute_url())


@access("privacy.handle", methods=("GET",))
@require_recent_login
def file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Give the copy to who made it, while it is kept."""
    item = get_object_or_404(Request, pk=pk)
    try:
        pieces = copying.content_of(item, request.user)
    except copying.Gone as error:
        raise Http404 from error
    wanted = Taking(
        FileKind.COPY,
        "privacy:file",
        "zip",
        lambda: Told(_("Copy for a customer")),
        classes=[PERSONAL],
        is_masked=False,
        record=item,
        expires_at=item.copy_at and item.copy_at + copying.KEPT,
        source=f"request:{item.pk}",
    )
    with register.taking(request.user, wanted) as taken:
        content = copying.marked(pieces, taken.mark)
        rows = sum(item.counts.values())
        return register.answer(taken, f"data-{item.pk}-{clock.today():%Y%m%d}", content, rows=lambda: rows)
