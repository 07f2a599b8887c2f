"""The search over every change of every record, and the chain that shows that nobody altered it."""

from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.declare import StaffRequest, access
from shopops.accounts.models import User
from shopops.audit import queries, shown
from shopops.audit.tables import ChangeTable
from shopops.exchange import register
from shopops.exchange.register import Kind, Taking, Told
from shopops.history import sealing
from shopops.history.models import Change
from shopops.ui import formats, records
from shopops.ui.filters import BadFilter, Choice, Days, Filter, Number
from shopops.ui.pages import ListPage, State

NARROW: tuple[str, ...] = ("day", "row", "request", "source")  # one of them stands beside a field or a value


def _tables() -> list[tuple[str, str]]:
    audited = [model for model in _audited_models() if records.leads_to_a_page(model)]
    return sorted(((model._meta.db_table, records.words_of(model)) for model in audited), key=lambda item: item[1])


def _audited_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if any(item.name == "history_update" for item in getattr(model._meta, "triggers", ()))
    ]


def _people() -> list[tuple[int, object]]:
    return [(0, _("The system")), *((user.pk, user) for user in User.objects.order_by("username")[:500])]


class ChangeList(ListPage):
    """Who did what and when, over all records."""

    permission, table = "history.view", ChangeTable
    title, order = gettext_lazy("Audit search"), ("-id",)
    is_exported = False  # what leaves the house is the chain
    template_name = "shopops/audit/list.html"
    empty_title = gettext_lazy("No changes yet")
    empty_icon = "history"
    filters: ClassVar[tuple[Filter, ...]] = (
        Days("day", gettext_lazy("Days"), apply=queries.of_days),
        Choice("who", gettext_lazy("By"), apply=lambda rows, value: _by(rows, int(value)), choices=_people),
        Choice("table", gettext_lazy("Kind of record"), lookup="table_name", choices=_tables),
        Choice(
            "op",
            gettext_lazy("What happened"),
            choices=[
                ("insert", gettext_lazy("added")),
                ("update", gettext_lazy("changed")),
                ("delete", gettext_lazy("removed")),
                ("reveal", gettext_lazy("looked at")),
                ("export", gettext_lazy("exported")),
            ],
        ),
        Number("row", gettext_lazy("Record's number"), lookup="row_id"),
        Filter("field", gettext_lazy("Field"), apply=lambda rows, _value: rows),
        Filter("value", gettext_lazy("Value contains"), apply=lambda rows, _value: rows),
        Filter("request", gettext_lazy("Request"), lookup="request_id"),
        Filter("source", gettext_lazy("Import or job"), lookup="source"),
    )

    def get_queryset(self) -> QuerySet[Change]:
        return Change.objects.select_related("actor")

    def _narrowed(self, state: State) -> QuerySet[Change]:
        chosen = state.filters
        if chosen["row"] is not None and chosen["table"] is None:
            raise BadFilter(_("Choose the kind of record too: numbers are counted by kind."))
        rows = super()._narrowed(state)
        field, value = chosen["field"], chosen["value"]
        if (field or value) and not any(chosen[name] is not None for name in NARROW):
            raise BadFilter(_("Choose days or a record first; a field or a value narrows them."))
        if field:
            rows = rows.filter(changes__has_key=field)
        return queries.with_value(rows, value, self.request.user) if value else rows

    def context(self) -> dict[str, Any]:
        newest = sealing.sealed_through()
        return {
            "seal": newest,
            "sealed_at": formats.moment(newest.sealed_at) if newest else "",
            "unsealed": formats.capped(sealing.unsealed(newest), 99_999),
            "chain_url": reverse("audit:chain"),
        }


def _by(rows: QuerySet[Change], pk: int) -> QuerySet[Change]:
    return rows.filter(actor=None) if pk == 0 else rows.filter(actor=pk)


@access("history.view", methods=("GET",))
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """One change with all its fields, and the others of the same request or import."""
    item = get_object_or_404(Change.objects.select_related("actor"), pk=pk)
    shown.decorate([item], request.user)
    if item.op not in shown.op_words():
        raise Http404
    context = {
        "title": _("Change #%(number)s") % {"number": pk},
        "change": item,
        "same_request": f"{reverse('audit:list')}?request={item.request_id}" if item.request_id else "",
        "same_source": f"{reverse('audit:list')}?source={item.source}" if item.source else "",
        "of_record": f"{reverse('audit:list')}?table={item.table_name}&row={item.row_id}",
    }
    return render(request, "shopops/audit/change.html", context)


@access("history.view", methods=("GET",))
def chain(request: StaffRequest) -> HttpResponseBase:
    """The chain of seals as a file, to be kept elsewhere and compared later."""
    wanted = Taking(Kind.CHAIN, "audit:chain", "jsonl", lambda: Told(_("Chain of the history")))
    with register.taking(request.user, wanted) as taken:
        lines, newest = list(sealing.exported()), sealing.sealed_through()
        body = "".join(f"{line}\n" for line in lines).encode()
        name = f"history-chain-{newest.day.isoformat() if newest else 'empty'}"
        return register.answer(taken, name, body, rows=lambda: len(lines))
