"""Requests: what waits for my decision, what I asked, what was decided; who decides which kind."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.access.declare import STAFF, StaffRequest, access
from shopops.accounts.recent import confirm_first, recently_authenticated
from shopops.approvals import deciders, queries, services
from shopops.approvals.forms import DecidersForm, DecisionForm
from shopops.approvals.kinds import Result, kinds
from shopops.approvals.models import Approval
from shopops.approvals.tables import ApprovalTable
from shopops.errors import Refused
from shopops.ui import records
from shopops.ui.filters import Choice, Tab
from shopops.ui.pages import ListPage, State, saved, side_of
from shopops.ui.timeline import timeline

if TYPE_CHECKING:
    from shopops.accounts.models import User


class ApprovalList(ListPage):
    permission = STAFF
    table = ApprovalTable
    title = gettext_lazy("Approvals")
    order = ("-asked_at", "-id")
    filters: ClassVar = [
        Choice(
            "kind",
            gettext_lazy("Request"),
            choices=lambda: [(code, str(item.label)) for code, item in kinds().items()],
        )
    ]
    empty_title = gettext_lazy("Nothing waits for you")
    empty_text = gettext_lazy(
        "What one person asks and another has to agree to comes here, with its value and its time."
    )
    empty_icon = "list-check"

    def get_queryset(self) -> QuerySet[Approval]:
        return Approval.objects.visible_to(self.request.user).select_related("asked_by", "decided_by")

    def get_tabs(self) -> list[Tab]:
        user, now = self.request.user, clock.now()
        return [
            Tab("", gettext_lazy("Waiting for me"), lambda rows: rows.waiting_for(user, now)),
            Tab("mine", gettext_lazy("My requests"), lambda rows: rows.filter(asked_by=user)),
            Tab("decided", gettext_lazy("Decided"), lambda rows: rows.exclude(state="open"), counted=False),
        ]

    def _order(self, state: State) -> tuple[str, ...]:
        """What waits, by its end; the rest newest first."""
        return super()._order(state) if state.tab else ("expires_at", "id")

    def actions(self) -> list[dict[str, object]]:
        if not self.request.user.has_perm("approvals.change"):
            return []
        return [{"label": _("Who decides"), "url": reverse("approvals:deciders"), "icon": "users"}]

    def empty_links(self) -> list[dict[str, Any]]:
        return []


def _visible(request: StaffRequest, pk: int) -> Approval:
    rows = Approval.objects.visible_to(request.user).select_related("asked_by", "decided_by")
    return get_object_or_404(rows, pk=pk)


@access(STAFF, methods=("GET",))
def approval(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a request: before and after, who asks and why, what changed since; decide, or withdraw."""
    return _page(request, _visible(request, pk))


def _page(request: StaffRequest, asked: Approval, *, problem: str = "", status: int = 200) -> HttpResponse:
    now, user = clock.now(), request.user
    is_open = asked.state == Approval.State.OPEN and asked.expires_at > now
    waiting = list(
        Approval.objects.waiting_for(user, now).order_by("expires_at", "pk").values_list("pk", flat=True)[:100]
    )
    about = records.shown(user, [(asked.table_name, asked.row_id)]) if asked.row_id else {}
    context = {
        "title": asked.label,
        "asked": asked,
        "act": asked.of_kind.act if asked.of_kind else "",
        "lines": asked.lines,
        "about": next(iter(about.values()), None),
        "late": asked.state == Approval.State.OPEN and not is_open,
        "may_decide": is_open and asked.pk in waiting,
        "may_withdraw": is_open and asked.asked_by_id == user.pk,
        "nobody": is_open and asked.of_kind and not queries.who_may_decide(asked),
        "place": waiting.index(asked.pk) + 1 if asked.pk in waiting else 0,
        "waiting": len(waiting),
        "following": _after(waiting, asked.pk),
        "since": timeline(queries.changes_since(asked), limit=10) if is_open and asked.row_id else [],
        "side": side_of(request, asked),
        "result": _result(asked, user),
        "problem": problem,
    }
    return render(request, "shopops/approvals/record.html", context, status=status)


def _result(asked: Approval, user: "User") -> Result | None:
    if asked.state != Approval.State.EXECUTED or asked.of_kind is None or asked.of_kind.result is None:
        return None
    return asked.of_kind.result(asked, user)


def _after(waiting: list[int], pk: int) -> int | None:
    """Return the next request that waits for this person."""
    if pk not in waiting:
        return waiting[0] if waiting else None
    others = waiting[waiting.index(pk) + 1 :] + waiting[: waiting.index(pk)]
    return others[0] if others else None


@access(STAFF, methods=("POST",))
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Approve or refuse; sent twice, it is done once."""
    asked, form = _visible(request, pk), DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, problem=_("Choose what you decide."), status=422)
    if asked.of_kind and asked.of_kind.recent_login and not recently_authenticated(request):
        return confirm_first(request)
    approve = form.cleaned_data["decision"] == "approve"
    try:
        asked = services.decide(pk, approve=approve, note=form.cleaned_data["note"], by=request.user)
    except services.NotOpen as refusal:
        if asked.decided_by_id == request.user.pk:  # the second of two clicks
            return saved(request, _words_after(asked), reverse("approvals:approval", kwargs={"pk": pk}))
        return _page(request, asked, problem=str(refusal), status=422)
    except Refused as refusal:
        return _page(request, asked, problem=str(refusal), status=422)
    return saved(request, _words_after(asked), reverse("approvals:approval", kwargs={"pk": pk}))


def _words_after(asked: Approval) -> str:
    if asked.state == Approval.State.FAILED:
        return _("Nothing was done: the request is void.")
    return f"{asked.label}: {asked.get_state_display()}"


@access(STAFF, methods=("POST",))
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one's own request back."""
    asked = _visible(request, pk)
    try:
        services.withdraw(pk, by=request.user)
    except Refused as refusal:
        return _page(request, asked, problem=str(refusal), status=422)
    return saved(request, _("The request is withdrawn."), reverse("approvals:approval", kwargs={"pk": pk}))


@access("approvals.change")
def who_decides(request: HttpRequest) -> HttpResponse:
    """Show who decides each kind, warn where nobody is a second, and ask that others decide besides."""
    problem, form = "", DecidersForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            asked = deciders.ask_for(form.cleaned_data["kind"], list(form.cleaned_data["people"]), by=request.user)
        except Refused as refusal:
            problem = str(refusal)
        else:
            return saved(request, _words_of_naming(asked), reverse("approvals:deciders"))
    items = queries.deciders()
    context = {
        "title": _("Who decides"),
        "problem": problem or (_("Choose people of the list.") if form.is_bound else ""),
        "items": [{"item": item, "form": _form_of(item)} for item in items],
        "kinds_without_a_second": [item for item in items if item.too_few],
        "waiting": Approval.objects.filter(kind=deciders.NAMING, state="open").order_by("pk"),
    }
    return render(request, "shopops/approvals/deciders.html", context, status=422 if form.is_bound else 200)


def _form_of(item: queries.Deciders) -> DecidersForm:
    return DecidersForm(
        initial={"kind": item.kind.code, "people": item.named}, auto_id=f"{item.kind.code.replace('.', '-')}-%s"
    )


def _words_of_naming(asked: Approval | None) -> str:
    if asked is None:
        return _("Nothing to change.")
    if asked.state == Approval.State.OPEN:
        return _("Asked. It holds when another person has agreed.")
    return _("Saved, and listed as decided alone.")
