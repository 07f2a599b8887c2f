"""One bulk act: how far it is, what was left and why, taking it back; and the undoing of single saves."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.acts import bulk
from shopops.acts.kinds import bulk_kinds
from shopops.acts.models import Act
from shopops.acts.undo import CannotUndo
from shopops.acts.undo import undo as undo_save
from shopops.jobs.models import Job
from shopops.ui import formats, records
from shopops.ui.pages import RecordPage, is_fragment

if TYPE_CHECKING:
    from shopops.accounts.models import User

LEFT_SHOWN = 200  # rows left as they were that the page names


class ActPage(RecordPage):
    """A bulk act: progress while it runs, then its counts and what was left."""

    permission, template_name = STAFF, "shopops/acts/act.html"

    def get_object(self) -> Act:
        acts = Act.objects.visible_to(self.request.user).select_related("by", "job", "undo_job")
        return get_object_or_404(acts.filter(job__isnull=False), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        if not is_fragment(request):
            return super().get(request, **kwargs)
        act = self.get_object()
        return render(request, "shopops/acts/_act.html", {"record": act, **self.context(act)})

    def context(self, record: Act) -> dict[str, Any]:
        kind = bulk_kinds().get(record.kind)
        job: Job = record.undo_job or record.job  # type: ignore[assignment]  # get_object leaves single saves out
        blocks = list(bulk.blocks_of(record).order_by("number"))
        left = {pk: why for block in blocks for pk, why in block.failures.items()}
        is_mine = record.by_id == self.request.user.pk
        is_live = job.state in (Job.State.QUEUED, Job.State.RUNNING)
        against = bulk.reason_against(record, by=self.request.user) if is_mine and not is_live else ""
        return {
            "title": kind.label if kind else record.kind,
            "words": kind.words(record.values) if kind else "",
            "job": job,
            "is_live": is_live,
            "is_mine": is_mine,
            "may_undo": is_mine and not is_live and not against,
            "against": against if record.undo_job_id is None else "",
            "progress": _progress(record, job),
            "facts": _facts(record, blocks, len(left)),
            "left": _left(self.request.user, kind, left),
            "left_more": max(0, len(left) - LEFT_SHOWN),
        }


def _progress(act: Act, job: Job) -> dict[str, Any]:
    label = _("Undoing") if act.undo_job_id else _("Writing")
    if job.state == Job.State.QUEUED:
        label = _("Waits for its turn")
    share = 100 * job.progress_done // act.rows if act.rows else 0
    note = f"{formats.number(job.progress_done)} / {formats.number(act.rows)}"
    return {"label": label, "share": share, "note": note}


def _facts(act: Act, blocks: list[Any], left: int) -> list[dict[str, Any]]:
    written = sum(block.size for block in blocks if block.done_at)
    return [
        {"label": _("Rows confirmed"), "value": formats.number(act.rows)},
        {"label": _("Gone through"), "value": formats.number(written)},
        {"label": _("Left as they were"), "value": formats.number(left)},
        {"label": _("Chosen from"), "value": act.scope or _("rows chosen one by one"), "data": bool(act.scope)},
        {"label": _("By"), "value": str(act.by), "data": True},
        {"label": _("Begun"), "value": formats.full_moment(act.at)},
    ]


def _left(user: "User", kind: Any, left: dict[str, str]) -> list[dict[str, Any]]:
    """Name the rows that were left, each with the reason and its page; of those beyond somebody's reach the number alone."""
    some = sorted(left.items(), key=lambda item: int(item[0]))[:LEFT_SHOWN]
    table = kind.model._meta.db_table if kind is not None else ""
    links = records.shown(user, [(table, int(pk)) for pk, _why in some]) if table else {}
    return [
        {
            "name": found.title if (found := links.get((table, int(pk)))) else f"#{pk}",
            "url": found.url if found else "",
            "why": kind.reasons.get(why, why) if kind else why,
        }
        for pk, why in some
    ]


@access(STAFF, methods=("POST",))
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Undo one's own act."""
    act = Act.objects.filter(pk=pk, by=request.user).first()
    if act is None:
        raise Http404
    url = act.url or urlsplit(request.headers.get("Referer", "")).path
    if act.rows > bulk.AT_ONCE:
        url = reverse("acts:act", args=[pk])
    try:
        act = bulk.take_back(pk, by=request.user) if act.job_id else undo_save(pk, by=request.user)
    except CannotUndo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Undone.") if act.rows <= bulk.AT_ONCE else _("It is being undone."))
    if not url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        url = "/"
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


@access(STAFF, methods=("POST",))
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop one's own bulk act after the block being written."""
    act = get_object_or_404(Act, pk=pk, by=request.user, job__isnull=False)
    bulk.cancel(act)
    messages.success(request, _("It stops; what is written already can be undone."))
    return redirect("acts:act", pk=pk)
