"""The history of imports, and the page of one: progress, preview, result. Reading only; acting is in ``import_flow``."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Final

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.channels.models import Channel
from products.orders import flow, preview
from products.orders.checking import is_previewless
from products.orders.formats import base as formats_known
from products.orders.import_tables import ImportTable
from products.orders.queries import imports_visible_to, unmended
from products.orders.samples import sample_of
from shopops import clock
from shopops.access.declare import may
from shopops.access.scopes import is_limited
from shopops.exchange.models import ImportBatch
from shopops.jobs.models import Job
from shopops.privacy.keeping import days_of
from shopops.ui import formats
from shopops.ui.filters import Choice, Filter, Flag, Tab
from shopops.ui.pages import ListPage, RecordPage, is_fragment, side_of
from shopops.words import as_read

State = ImportBatch.State
LIVE: Final = (State.WAITING, State.CHECKING, State.IMPORTING)
REJECTS_SHOWN: Final = 50
PHASES: Final = (
    ("", gettext_lazy("Waiting")),
    ("reading", gettext_lazy("Read and check")),
    ("comparing", gettext_lazy("Write orders")),
    ("following", gettext_lazy("Buyers and figures")),
)
LOST_AFTER: Final = 60  # seconds a job may wait before the page says that no worker takes it


class ImportList(ListPage):
    """Every file that was brought, newest first, and how far each channel's data reach."""

    permission, table, template_name = "orders.view", ImportTable, "products/orders/imports.html"
    title, order = gettext_lazy("Imports"), ("-created_at", "-id")
    empty_title = gettext_lazy("No imports yet")
    empty_text = gettext_lazy(
        "Drop the order files your platforms export; they are checked before anything is written."
    )
    tabs = (
        Tab("", gettext_lazy("All")),
        Tab("open", gettext_lazy("To decide"), lambda rows: rows.filter(state__in=(State.CHECKED, *LIVE)), tone="warn"),
        Tab("done", gettext_lazy("Done"), lambda rows: rows.filter(state=State.DONE)),
        Tab(
            "failed",
            gettext_lazy("Refused or broken off"),
            lambda rows: rows.filter(state__in=(State.REFUSED, State.INTERRUPTED)),
            tone="bad",
        ),
    )

    def get_queryset(self) -> QuerySet[ImportBatch]:
        title = Channel.objects.filter(code=OuterRef("channel_code")).values("title")[:1]
        return (
            imports_visible_to(self.request.user)
            .select_related("upload", "created_by")
            .annotate(channel_title=Coalesce(Subquery(title), "channel_code"))
        )

    @cached_property
    def _channels(self) -> list[Channel]:
        return list(Channel.objects.visible_to(self.request.user).for_list())

    @cached_property
    def _filters(self) -> list[Filter]:
        return [
            Choice(
                "channel",
                _("Channel"),
                lookup="channel_code",
                choices=[(item.code, item.title) for item in self._channels],
            ),
            Choice("state", _("State"), choices=State.choices, quiet=True),
            Flag(
                "unmended", _("Not imported since"), apply=lambda rows, _value: unmended(rows, clock.now()), quiet=True
            ),
        ]

    def get_filters(self) -> list[Filter]:
        return self._filters

    def actions(self) -> list[dict[str, Any]]:
        if not may(self.request.user, "orders.import"):
            return []
        return [{"label": _("Import"), "url": reverse("orders:import_new"), "icon": "upload", "primary": True}]

    def context(self) -> dict[str, Any]:
        found: dict[str, Any] = {"channels": [item for item in self._channels if item.is_active]}
        if may(self.request.user, "orders.import"):
            found |= {"empty_url": reverse("orders:import_new"), "empty_action": _("Import orders")}
        return found


class ImportPage(RecordPage):
    """One file's import, with the others of its job; the same URL gives htmx the part that changes."""

    permission, template_name = "orders.view", "products/orders/import.html"
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get_object(self) -> ImportBatch:
        batches = imports_visible_to(self.request.user).select_related("upload", "job", "created_by")
        return get_object_or_404(batches, pk=self.kwargs["pk"])

    def get(self, request: Any, **_kwargs: object) -> HttpResponse:
        batch = self.get_object()
        context = {"record": batch, "title": batch.upload.name, **import_context(request, batch)}
        if is_fragment(request):
            return render(request, "products/orders/_import.html", context)
        return render(request, self.template_name, context | {"side": side_of(request, batch)})


def siblings(batch: ImportBatch) -> list[ImportBatch]:
    """Return the files of the same job, in their order."""
    if batch.job_id is None:
        return [batch]
    return list(
        ImportBatch.objects.filter(job=batch.job_id)
        .select_related("upload", "job", "created_by")
        .order_by("position", "pk")
    )


def import_context(request: Any, batch: ImportBatch) -> dict[str, Any]:
    """Return what the page of an import shows."""
    group = siblings(batch)
    # one look at all: a state read earlier beside a job read later would seem broken off
    batch = next((item for item in group if item.pk == batch.pk), batch)
    channel = Channel.objects.filter(code=batch.channel_code).first()
    sees_all = not is_limited(request.user, "orders.view")
    undoing_job = flow.undo_job(batch) if batch.state == State.DONE else None
    is_working = any(item.state in LIVE or is_previewless(item) for item in group) and not _is_over(batch.job)
    is_live = undoing_job is not None or is_working
    rejects = list(batch.rejects.order_by("row_no", "id")[:REJECTS_SHOWN])
    return {
        "record": batch,
        "group": group,
        "others": len(group) > 1,
        "channel": channel,
        "is_live": is_live,
        "stage": _stage(batch, is_live=is_live),
        "steps": _steps(batch),
        "progress": progress(undoing_job or batch.job, clock.now()) if is_live else None,
        "is_undoing": undoing_job is not None,
        **_undo(request, batch, is_live=is_live),
        "tiles": _tiles(batch),
        "shares": _shares(batch),
        "refusal": _refusal(batch),
        "notices": [as_read(item) for item in batch.notices if item.get("code") != "known_elsewhere"],
        "elsewhere": next((as_read(item) for item in batch.notices if item.get("code") == "known_elsewhere"), None)
        if sees_all
        else None,
        "ties": batch.counts.get("tie_changed", 0),
        "rejects": rejects,
        "refused_rows": batch.counts.get("refused", 0),
        "reasons": _reasons(batch) if rejects else [],
        "facts": _facts(batch, channel),
        "sample": sample_of(batch) if batch.state == State.CHECKED else None,
        "preview": preview.shown(batch, channel) if batch.state == State.CHECKED else None,
        "may_import": may(request.user, "orders.import"),
        "hides_personal": not may(request.user, "personal.reveal"),  # in the file of refused rows
        "channels": list(Channel.objects.visible_to(request.user).filter(is_active=True).for_list()),
        "formats": [(item.code, item.title) for item in formats_known.every()],
        "sheets": sheets_of(batch),
        "good_rows": batch.counts.get("staged", 0),
        "can_skip": batch.state == State.REFUSED
        and (batch.refusal or {}).get("code") == "rows"
        and batch.counts.get("staged", 0) > 0,
    }


def _refusal(batch: ImportBatch) -> dict[str, Any] | None:
    """Return why the whole file was refused, and where in it."""
    if not batch.refusal:
        return None
    kept = as_read(batch.refusal)
    where = [
        _("Row %(row)s") % {"row": formats.number(kept["row"])} if kept.get("row") else "",
        _("Column “%(column)s”") % {"column": kept["column"]} if kept.get("column") else "",
        _("Value “%(value)s”") % {"value": kept["value"]} if kept.get("value") else "",
    ]
    return kept | {"where": " · ".join(filter(None, where))}


def _undo(request: Any, batch: ImportBatch, *, is_live: bool) -> dict[str, Any]:
    offered = batch.state == State.DONE and batch.merged_at is not None and not batch.dry_run and not is_live
    if not offered or not may(request.user, "orders.undo"):
        return {"may_undo": False}
    return {"may_undo": True, "undo_blocks": flow.reason_against_undo(batch)}


def sheets_of(batch: ImportBatch) -> list[str]:
    """Return the sheets of a workbook that has several."""
    sheets = batch.reading.get("sheets") or []
    return sheets if len(sheets) > 1 else []


def _is_over(job: Job | None) -> bool:
    return job is not None and job.state in (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


def _stage(batch: ImportBatch, *, is_live: bool) -> str:
    if is_live:
        return "live"
    if batch.state in LIVE:  # its job ended without it
        return "interrupted"
    return str(batch.state)


def _steps(batch: ImportBatch) -> list[dict[str, Any]]:
    labels = [_("Upload"), _("Check"), _("Preview"), _("Write")]
    places: dict[str, int] = {
        State.WAITING: 1,
        State.CHECKING: 1,
        State.CHECKED: 2,
        State.IMPORTING: 3,
        State.DONE: 4,
        State.UNDONE: 4,
    }
    at = places.get(batch.state, 2)
    return [
        {"label": label, "state": "done" if index < at else "current" if index == at else "todo"}
        for index, label in enumerate(labels)
    ]


def progress(job: Job | None, now: datetime) -> dict[str, Any]:
    """Return how far a job is; one nobody works on says so instead of standing still."""
    if job is None:
        return {"share": None, "label": _("Waiting"), "note": "", "phases": [], "warning": ""}
    warning = ""
    if job.state == Job.State.RUNNING and job.lease_until and job.lease_until < now:
        warning = _("The work was interrupted; another worker continues it within a minute. Nothing is half written.")
    elif job.state == Job.State.QUEUED and (now - job.created_at).total_seconds() > LOST_AFTER:
        warning = _("No worker has taken it yet. It stays in the queue and is not lost.")
    codes = [code for code, _label in PHASES]
    at = codes.index(job.phase) if job.phase in codes else 0
    share = round(100 * job.progress_done / job.progress_total) if job.progress_total else None
    note = _("%(done)s rows read") % {"done": formats.number(job.progress_done)} if job.progress_done else ""
    phases = [
        {"label": label, "state": "done" if i < at else "current" if i == at else "todo"}
        for i, (_code, label) in enumerate(PHASES)
    ]
    return {"share": share, "label": PHASES[at][1], "note": note, "phases": phases, "warning": warning, "job": job}


def _tiles(batch: ImportBatch) -> list[dict[str, Any]]:
    counts = batch.counts
    orders, refunds = reverse("orders:list") + f"?batch={batch.pk}", reverse("refunds:list") + f"?batch={batch.pk}"
    is_done = batch.state == State.DONE and not batch.dry_run and "same_as" not in counts
    tiles = [
        _tile(
            "new",
            _("New"),
            counts.get("new"),
            f"{orders}&what=new" if is_done else "",
            _("%(count)s lines") % {"count": formats.number(counts["lines_new"])} if "lines_new" in counts else "",
        ),
        _tile("changed", _("Changed"), counts.get("changed"), f"{orders}&what=changed" if is_done else "", ""),
        _tile("equal", _("Equal, not written"), counts.get("equal"), "", ""),
        _tile("refused", _("Rows refused"), counts.get("refused"), "", ""),
    ]
    if counts.get("refunds"):
        tiles.append(
            _tile("refunds", _("Refunds"), counts["refunds"], refunds if is_done else "", "")
            | _refunds(counts, refunds, is_done=is_done)
        )
    return tiles


def _refunds(counts: dict[str, int], url: str, *, is_done: bool) -> dict[str, Any]:
    """The refunds' counts below their sum, each with its list once they are written."""
    labels = (("new", _("%(count)s new")), ("changed", _("%(count)s changed")))
    links = []
    for what, label in labels:
        count = counts.get(f"refunds_{what}", 0)
        links.append(
            {
                "label": label % {"count": formats.number(count)},
                "href": f"{url}&what={what}" if is_done and count else "",
            }
        )
    return {"links": links, "href": url if is_done and any(link["href"] for link in links) else ""}


def _tile(code: str, label: str, value: int | None, href: str, note: str) -> dict[str, Any]:
    return {
        "code": code,
        "label": label,
        "value": formats.number(value),
        "href": href if value else "",
        "note": note,
        "bad": code == "refused" and bool(value),
    }


def _shares(batch: ImportBatch) -> list[dict[str, Any]]:
    counts = {name: int(batch.counts.get(name) or 0) for name in ("new", "changed", "equal", "refused")}
    whole, at, parts = sum(counts.values()), 0.0, []
    for name, count in counts.items():
        width = round(100 * count / whole, 2) if whole else 0
        parts.append({"name": name, "x": f"{at:.2f}", "width": f"{width:.2f}"})
        at += width
    return parts if whole and "new" in batch.counts else []


def _reasons(batch: ImportBatch) -> list[dict[str, Any]]:
    """Return the kinds of refusals, the most frequent first, each with its first row as the example."""
    kinds = batch.rejects.values("code", "column").annotate(count=Count("row_no", distinct=True), first=Min("pk"))
    rows = list(kinds.order_by("-count", "column")[:20])
    examples = batch.rejects.in_bulk([row["first"] for row in rows])
    return [
        {
            "count": row["count"],
            "column": row["column"],
            "message": example.reason,
            "value": example.value,
            "first": example.row_no,
        }
        for row in rows
        if (example := examples[row["first"]])
    ]


def _original_gone(batch: ImportBatch) -> str:
    if (batch.format_version or "") == "demo":
        return ""
    days = days_of()["uploads"]
    if batch.upload.created_at > clock.now() - timedelta(days=days):
        return _("Deleted because it named somebody who was erased; what it brought stays")
    return _("Deleted after %(days)s days; what it brought stays") % {"days": days}


def _facts(batch: ImportBatch, channel: Channel | None) -> list[dict[str, Any]]:
    reading = batch.reading
    size = (
        f"{batch.upload.size / 1_000_000:.1f} MB"
        if batch.upload.size >= 100_000
        else f"{batch.upload.size / 1000:.1f} KB"
        if batch.upload.size >= 1000
        else _("%(count)s bytes") % {"count": formats.number(batch.upload.size)}
    )
    facts = [
        (_("Channel"), str(channel or batch.channel_code)),
        (_("Format"), formats_known.title_of(batch.format, reading)),
        (_("Rows"), formats.number(batch.counts.get("rows")) if "rows" in batch.counts else ""),
        (_("File size"), size),
        (_("Original"), "" if batch.upload.path else _original_gone(batch)),
        (_("Encoding"), reading.get("encoding")),
        (
            _("Separated by"),
            {",": _("comma"), "\t": _("tab"), ";": _("semicolon")}.get(
                reading.get("delimiter", ""), reading.get("delimiter")
            ),
        ),
        (_("Sheet"), reading.get("sheet")),
        (_("Heading in row"), reading.get("header_row")),
        (_("Time zone"), channel.time_zone if channel else ""),
        (_("Orders from"), formats.moment(batch.data_from) if batch.data_from else ""),
        (_("Data through"), formats.moment(batch.data_through) if batch.data_through else ""),
        (_("By"), str(batch.created_by or _("The system"))),
        (_("At"), formats.moment(batch.created_at)),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]
