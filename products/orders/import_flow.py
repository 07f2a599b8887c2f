"""The acting half of importing in the browser: bring, look, write, cancel, take back, read otherwise."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from products.channels import services as channel_services
from products.channels.models import Channel
from products.orders import flow, imports
from products.orders.formats import base as formats
from products.orders.formats.mapping import MappedFormat
from products.orders.formats.reader import is_personal
from products.orders.import_forms import BOTH_TIMES, NEW, MappingForm, NewImportForm
from products.orders.import_pages import import_context, siblings
from products.orders.queries import imports_visible_to
from shopops import clock
from shopops.access.declare import StaffRequest, access, may
from shopops.access.field_classes import PERSONAL
from shopops.access.personal import reveal
from shopops.errors import Refused
from shopops.exchange import register, uploads
from shopops.exchange.models import ImportBatch, SavedMapping, Upload
from shopops.exchange.reading import FileRefused, header_name
from shopops.exchange.register import NOT_SAID, Kind, Taking, Told
from shopops.history.actor import acting
from shopops.ui import exports, once
from shopops.ui.pages import saved, side_of


def format_choices() -> list[tuple[str, str]]:
    return [(item.code, str(item.title)) for item in formats.every()]


@access("orders.import")
def new(request: StaffRequest) -> HttpResponse:
    """Bring files: keep them, find their channel, have them checked; what is not clear is asked."""
    kept = _kept(request)
    if request.method != "POST":
        form = NewImportForm(
            channels=_seen(request),
            formats=format_choices(),
            initial={"once": once.token(), "channel": request.GET.get("channel", "")},
        )
        return _new_page(request, form, kept)
    form = NewImportForm(
        request.POST, request.FILES, channels=_seen(request), formats=format_choices(), has_files=bool(kept)
    )
    if not form.is_valid():
        return _new_page(request, form, kept, status=422)
    if not once.first_time(request, form.cleaned_data["once"]):
        latest = ImportBatch.objects.filter(created_by=request.user, kind="orders").order_by("-pk").first()
        return redirect("orders:import", pk=latest.pk) if latest else redirect("orders:imports")
    brought = [
        *kept,
        *(uploads.keep(file.file, name=file.name, by=request.user) for file in form.cleaned_data["files"]),
    ]
    try:
        pairs = _with_channels(request, form, brought)
    except Refused as refusal:
        once.forget(request, form.cleaned_data["once"])
        form.add_error("channel", str(refusal))
        return _new_page(request, form, brought, status=422)
    options = imports.Options(format=form.cleaned_data["format"], skip_bad=form.cleaned_data["skip_bad"])
    batches = flow.begin_check(pairs, options, by=request.user)
    return redirect("orders:import", pk=batches[0].pk)


def _seen(request: StaffRequest) -> list[tuple[str, str]]:
    channels = Channel.objects.visible_to(request.user).filter(is_active=True)
    return list(channels.for_list().values_list("code", "title"))


def _kept(request: StaffRequest) -> list[Upload]:
    """The files of a former try of this form, by their ids; only the person's own."""
    ids = [
        int(text) for text in request.POST.getlist("kept")[:50] if text.isascii() and text.isdigit() and len(text) < 16
    ]
    return (
        list(Upload.objects.filter(pk__in=ids, created_by=request.user).exclude(path="").order_by("pk")) if ids else []
    )


def _with_channels(request: StaffRequest, form: NewImportForm, brought: list[Upload]) -> list[tuple[Upload, Channel]]:
    given = form.cleaned_data
    if given["channel"] == NEW:
        if not may(request.user, "channels.change"):
            raise Refused(_("You may not make channels. Choose one, or ask the store manager."))
        made = channel_services.create(
            given["code"],
            by=request.user,
            title=given["title"].strip(),
            platform=given["platform"] or "site",
            currency=given["currency"],
        )
        return [(upload, made) for upload in brought]
    if given["channel"]:
        channel = Channel.objects.visible_to(request.user).get(code=given["channel"])
        return [(upload, channel) for upload in brought]
    pairs = []
    for upload in brought:
        look = flow.look_at(upload)
        proposed = flow.proposed_channel(look, Channel.objects.visible_to(request.user))
        if proposed is None:
            named = "、".join(look.shop_names) or _("none")
            raise Refused(
                _("The channel of “%(file)s” is not clear; shop names in it: %(names)s. Choose the channel.")
                % {"file": upload.name, "names": named}
            )
        pairs.append((upload, proposed))
    return pairs


def _new_page(request: StaffRequest, form: NewImportForm, kept: list[Upload], status: int = 200) -> HttpResponse:
    context = {
        "title": _("Import orders"),
        "form": form,
        "kept": kept,
        "may_make": may(request.user, "channels.change"),
    }
    return render(request, "products/orders/import_new.html", context, status=status)


def _batch(request: StaffRequest, pk: int) -> ImportBatch:
    return get_object_or_404(imports_visible_to(request.user).select_related("upload", "job"), pk=pk)


def _again_shown(request: StaffRequest, batch: ImportBatch, problem: str) -> HttpResponse:
    """Show the import's page with what was refused."""
    context = {"record": batch, "title": batch.upload.name, "problem": problem, **import_context(request, batch)}
    context["side"] = side_of(request, batch)
    return render(request, "products/orders/import.html", context, status=422)


@access("orders.import", methods=("POST",))
def run(request: StaffRequest, pk: int) -> HttpResponse:
    """Write the files of this import, all or none."""
    batch = _batch(request, pk)
    try:
        flow.write(
            siblings(batch),
            skip_bad=request.POST.get("skip_bad") == "1" or batch.skip_bad,
            confirmed=request.POST.get("confirmed") == "1",
            on_tie=request.POST.get("on_tie", ""),
            by=request.user,
        )
    except Refused as refusal:
        return _again_shown(request, batch, str(refusal))
    return redirect("orders:import", pk=pk)


@access("orders.import", methods=("POST",))
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop an import that is not written yet."""
    flow.cancel(siblings(_batch(request, pk)))
    return saved(request, _("Cancelled; nothing was written."), reverse("orders:import", args=[pk]))


@access("orders.undo", methods=("POST",))
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an import back whole."""
    batch = _batch(request, pk)
    try:
        flow.take_back(batch, by=request.user)
    except Refused as refusal:
        return _again_shown(request, batch, str(refusal))
    return redirect("orders:import", pk=pk)


@access("orders.import", methods=("POST",))
def again(request: StaffRequest, pk: int) -> HttpResponse:
    """Check the same file with another channel, format or sheet."""
    batch = _batch(request, pk)
    channel = get_object_or_404(
        Channel.objects.visible_to(request.user), code=request.POST.get("channel", "")[:32].replace("\x00", "")
    )
    code = request.POST.get("format", "")
    if code and code not in dict(format_choices()):
        return _again_shown(request, batch, _("There is no such format."))
    options = imports.Options(format=code, sheet=request.POST.get("sheet", "")[:100].replace("\x00", ""))
    try:
        made = flow.check_again(batch, channel=channel, options=options, by=request.user)
    except Refused as refusal:
        return _again_shown(request, batch, str(refusal))
    return redirect("orders:import", pk=made.pk)


@access("orders.import")
def mapping(request: StaffRequest, pk: int) -> HttpResponse:
    """Say of each column of a file what it means; then it is checked again by that."""
    batch = _batch(request, pk)
    look = flow.columns_of(batch.upload, sheet=batch.sheet)
    if not look.header:
        return _again_shown(request, batch, look.refusal or _("The file has no headings."))
    initial = _initial_rules(batch)
    form = MappingForm(
        request.POST if request.method == "POST" else None,
        columns=look.header,
        guesses=_guesses(look.header, batch),
        initial=initial,
    )
    if form.is_valid():
        try:
            made = _check_mapped(request, batch, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("orders:import", pk=made.pk)
    columns = [
        {"field": field, "samples": samples} for field, samples in zip(form.column_fields(), look.samples, strict=True)
    ]
    context = {
        "title": _("Columns of “%(file)s”") % {"file": batch.upload.name},
        "record": batch,
        "form": form,
        "columns": columns,
    }
    return render(request, "products/orders/import_mapping.html", context, status=422 if form.errors else 200)


def _check_mapped(request: StaffRequest, batch: ImportBatch, form: MappingForm) -> ImportBatch:
    content, name = form.cleaned_data["mapping"], form.cleaned_data["name"].strip()
    MappedFormat(content)  # raises what is wrong with it
    if name:
        if SavedMapping.objects.filter(name=name).exists():
            raise Refused(_("A mapping “%(name)s” exists already; give it another name.") % {"name": name})
        with acting(request.user):
            SavedMapping.objects.create(
                name=name, headers=form.columns[:200], content=content, created_by=request.user, created_at=clock.now()
            )
    channel = get_object_or_404(Channel.objects.visible_to(request.user), code=batch.channel_code)
    return flow.check_again(
        batch, channel=channel, options=imports.Options(mapping=content, sheet=batch.sheet), by=request.user
    )


def _initial_rules(batch: ImportBatch) -> dict[str, Any]:
    given = batch.mapping or {}
    rules = given.get("rules", {})
    return {
        "row": rules.get("row", ""),
        "credit_prefix": rules.get("credit_prefix", ""),
        "adjustment_prefix": rules.get("adjustment_prefix", ""),
        "non_goods": ", ".join(rules.get("non_goods", [])),
        "state": given.get("constants", {}).get("state", ""),
        "upper": bool(rules.get("upper")),
        "whole": bool(rules.get("strip_suffix")),
    }


def _guesses(header: list[str], batch: ImportBatch) -> dict[str, str]:
    """Return column → field: as the batch was mapped, else by titles that known formats use."""
    named: dict[str, str] = {}
    for item in formats.every():
        for own in getattr(item, "fields", ()):
            for title in own.titles:
                named.setdefault(header_name(title), own.name)
    chosen: dict[str, str] = {}
    for name, titles in ((batch.mapping or {}).get("fields") or {}).items():
        for title in [titles] if isinstance(titles, str) else titles:
            before = chosen.get(header_name(title))
            chosen[header_name(title)] = BOTH_TIMES if {before, name} == set(BOTH_TIMES.split()) else name
    named |= chosen
    guesses: dict[str, str] = {}
    for column in header:
        target = named.get(header_name(column), "")
        if target and target not in guesses.values():
            guesses[column] = target
    return guesses


@access("orders.import", methods=("GET",))
def rejects(request: StaffRequest, pk: int, kind: str) -> HttpResponseBase:
    """Give the refused rows as a table with a column of reasons, to be mended and imported again."""
    if kind not in exports.KINDS:
        raise Http404
    batch = _batch(request, pk)
    header = [str(name) for name in batch.reading.get("header", [])]
    personal, is_masked = _personal_columns(batch, header), not may(request.user, "personal.reveal")
    head = [*header, str(_("Reason (personal columns are hidden: ****)") if is_masked else _("Reason"))]
    lines = _reject_lines(batch, len(header), personal if is_masked else None)
    known = {header_name(title) for own in _fields(batch) for title in own.titles}

    def tell() -> Told:  # a column no format knows may be a row of the file that was taken for its head
        names = [name if header_name(name) in known else NOT_SAID for name in header]
        return Told(_("Refused rows"), [*names, _("Reason")])

    classes = [*(PERSONAL if index in personal else "" for index in range(len(header))), ""]
    wanted = Taking(Kind.REJECTS, "orders:import_rejects", kind, tell, classes, is_masked=is_masked, record=batch)
    with register.taking(request.user, wanted) as taken:
        name = f"refused-{batch.pk}"
        if kind == "csv":
            return exports.csv_response(taken, name, head, lines)
        return exports.xlsx_response(taken, name, str(_("Refused rows")), head, lines)


def _fields(batch: ImportBatch) -> Sequence[Any]:
    """Return the fields of the format a file was read by; none where nobody knows it any more."""
    try:
        item = MappedFormat(batch.mapping) if batch.mapping is not None else formats.get(batch.format)
    except FileRefused:
        return ()
    return getattr(item, "fields", ())


def _personal_columns(batch: ImportBatch, header: list[str]) -> frozenset[int]:
    """Return every column but those read into a field that is not personal: nobody knows what the others hold."""
    open_titles = {header_name(title) for own in _fields(batch) if not is_personal(own) for title in own.titles}
    open_titles -= {header_name(title) for own in _fields(batch) if is_personal(own) for title in own.titles}
    return frozenset(index for index, column in enumerate(header) if header_name(column) not in open_titles)


def _reject_lines(batch: ImportBatch, width: int, hidden: frozenset[int] | None) -> Iterator[list[object]]:
    """Yield the refused rows; ``hidden``: the columns that are masked, and all beyond the header (None: nothing is)."""
    cells: list[object] = []
    reasons: list[str] = []
    row_no = None
    for item in batch.rejects.order_by("row_no", "id").iterator(chunk_size=2000):
        if item.row_no != row_no:
            if row_no is not None:
                yield [*cells, "；".join(reasons)]
            given = json.loads(reveal(item.cells)) if item.cells is not None else []
            given = [*given, *[""] * (width - len(given))][:width] if width else given
            cells = [
                "****" if hidden is not None and (index in hidden or index >= width) and value else value
                for index, value in enumerate(given)
            ]
            reasons, row_no = [], item.row_no
        reasons.append(f"{item.column}：{item.reason}" if item.column else item.reason)
    if row_no is not None:
        yield [*cells, "；".join(reasons)]
