"""Pages as classes: a list with its state in the URL, a record, a form. htmx gets the fragment of the same URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from shopops import clock
from shopops.access.declare import may
from shopops.acts.kinds import bulk_of
from shopops.approvals.models import Approval
from shopops.exchange import register
from shopops.exchange.models import Export
from shopops.topics import registered
from shopops.ui import exports, formats, keyset, mass_export, taken
from shopops.ui.counting import capped_counts
from shopops.ui.fields import notices
from shopops.ui.filters import BadFilter, Filter, Tab
from shopops.ui.reading import Reading
from shopops.ui.tables import Table
from shopops.ui.undo import undo_tag

COUNT_LIMIT = 10_000
EXPORT_LIMIT = mass_export.LIMIT
SIZES = (25, 50, 100)
COLUMNS_KEPT = 365 * 24 * 3600  # seconds
OWN_PARAMS = frozenset({"q", "tab", "cols", "size", "after", "before", "export", "sort", "row"})
PASSING = frozenset({"after", "before", "export", "row"})  # of one request, never of the links of the page


def is_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of the page (not for a whole one by a boosted link)."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


@dataclass(frozen=True)
class Sort:
    """An order the list may be shown in; only such as an index serves."""

    code: str
    label: object
    order: tuple[str, ...]


class State:
    """What the URL of a list says: search, tab, filters, columns, place."""

    def __init__(self, page: "ListPage", query: QueryDict) -> None:
        # A field that comes several times (boxes of a form) means the same as its values with commas.
        given = {name: ",".join(filter(None, query.getlist(name))) for name in query}
        self.given = given
        allowed = OWN_PARAMS | {name for item in page.get_filters() for name in item.params} | set(page.extra_params)
        if unknown := sorted(set(given) - allowed):
            raise BadFilter(_("This list knows no filter “%(name)s”.") % {"name": unknown[0][:64]})
        self.search = given.get("q", "").strip()[:200].replace("\x00", "")
        codes = [tab.code for tab in page.get_tabs()]
        self.tab = given.get("tab", codes[0] if codes else "")
        if codes and self.tab not in codes:
            raise BadFilter(_("This list has no tab “%(name)s”.") % {"name": self.tab[:64]})
        self.filters = {item.param: item.parse(given) for item in page.get_filters()}
        size = given.get("size", "")
        self.size = int(size) if size in map(str, SIZES) else SIZES[0]
        self.columns = [name for name in (given.get("cols") or page.kept_columns()).split(",") if name]
        self.rows = _ids(given.get("row", ""))
        self.beyond = bool(given.get("after") or given.get("before"))
        sorts = {item.code: item for item in page.sorts}
        if given.get("sort") and given["sort"] not in sorts:
            raise BadFilter(_("This list has no order “%(name)s”.") % {"name": given["sort"][:64]})
        self.sort = sorts.get(given.get("sort", ""), page.sorts[0] if page.sorts else None)

    def url(self, **changes: str | None) -> str:
        """Return the query string with some parameters changed (None removes); the place is left."""
        values = {name: value for name, value in self.given.items() if name not in PASSING and value}
        for name, value in changes.items():
            values.pop(name, None)
            if value:
                values[name] = value
        return f"?{urlencode(values)}" if values else "?"


class ListPage(View):
    """A list: search, tabs, filters, columns, keyset pages, export; one URL holds the whole state."""

    permission: ClassVar[str]
    table: ClassVar[type[Table]]
    title: ClassVar[object]
    order: ClassVar[tuple[str, ...]] = ("-id",)
    sorts: ClassVar[tuple[Sort, ...]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    extra_params: ClassVar[Sequence[str]] = ()
    search_label: ClassVar[object] = ""
    export_permission: ClassVar[str] = ""
    is_exported: ClassVar[bool] = True  # False: nobody takes this list along
    picks_rows: ClassVar[bool] = False  # rows can be chosen one by one, and exported
    bulk_url: ClassVar[str] = ""  # the page of acts over many rows: its argument ``act`` is one of shopops.acts.kinds
    empty_title: ClassVar[object] = ""
    empty_text: ClassVar[object] = ""
    empty_icon: ClassVar[str] = ""
    template_name = "pages/list.html"
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    # --- what a list overrides

    def get_queryset(self) -> QuerySet[Any]:
        """Return every row this person may see."""
        raise NotImplementedError

    def get_filters(self) -> Sequence[Filter]:
        return self.filters

    def get_tabs(self) -> Sequence[Tab]:
        return self.tabs

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Return the rows that fit the search text."""
        return queryset

    def actions(self) -> list[dict[str, Any]]:
        """Return the buttons of the head: label, url, icon, primary."""
        return []

    def empty_links(self) -> list[dict[str, Any]]:
        """Return what an empty list offers, the first as a button: label, url, icon."""
        return [action for action in self.actions() if action.get("primary")]

    def summary(self, queryset: QuerySet[Any], state: State) -> list[dict[str, Any]]:
        """Return facts about the filtered rows for the line above the table: label, value."""
        return []

    def context(self) -> dict[str, Any]:
        """Return more context for an own template."""
        return {}

    def file_rows(self, rows: QuerySet[Any], noted: Export) -> QuerySet[Any]:
        """Return the rows a file holds: those of the page, without what noting this very file added to them."""
        return rows

    # --- the page

    def get(self, request: HttpRequest, **_kwargs: object) -> HttpResponseBase:
        try:
            state = State(self, request.GET)
            rows = self._narrowed(state)
        except BadFilter as problem:
            return render(request, "errors/400.html", {"problem": str(problem)}, status=400)
        if request.GET.get("export"):
            if state.rows:
                rows = rows.filter(pk__in=state.rows)
            return self._export(rows, state, request.GET["export"])
        try:
            page = keyset.page(
                self._in_tab(rows, state),
                self._order(state),
                size=state.size,
                after=request.GET.get("after", ""),
                before=request.GET.get("before", ""),
            )
        except keyset.BadCursor as error:
            raise Http404 from error
        table = self.table(page.rows, user=request.user, chosen=state.columns)
        context = self._context(state, rows, page, table)
        template = "components/list.html" if is_fragment(request) else self.template_name
        response = render(request, template, context)
        response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
        self._keep_columns(response, state)
        return response

    def _keep_columns(self, response: HttpResponse, state: State) -> None:
        if "cols" in state.given:
            response.set_cookie(
                self.columns_cookie,
                ",".join(state.columns),
                max_age=COLUMNS_KEPT,
                samesite="Lax",
                httponly=True,
                secure=settings.SECURE,
            )

    def _order(self, state: State) -> tuple[str, ...]:
        return state.sort.order if state.sort else self.order

    def _narrowed(self, state: State) -> QuerySet[Any]:
        rows = self.get_queryset()
        for item in self.get_filters():
            if (value := state.filters[item.param]) is not None:
                rows = item.narrow(rows, value)
        return self.search(rows, state.search) if state.search else rows

    def _in_tab(self, rows: QuerySet[Any], state: State) -> QuerySet[Any]:
        tab = next((item for item in self.get_tabs() if item.code == state.tab), None)
        return tab.apply(rows) if tab else rows

    def _context(self, state: State, rows: QuerySet[Any], page: keyset.Page, table: Table) -> dict[str, Any]:
        tabs, total = self._tab_counts(state, rows)
        filters = self.get_filters()
        chips = [
            {
                "label": item.label,
                "words": item.words(state.filters[item.param]),
                "remove": state.url(**dict.fromkeys(item.params)),
            }
            for item in filters
            if state.filters[item.param] is not None
        ]
        return {
            "title": self.title,
            "state": state,
            "table": table,
            "lines": list(table.lines()),
            "tabs": tabs,
            "total": formats.capped(total, COUNT_LIMIT),
            "total_number": total,
            "chips": chips,
            "controls": [
                _with_links(item.control(state.filters[item.param]), state) for item in filters if not item.quiet
            ],
            "kept": [(name, value) for name, value in state.given.items() if name in OWN_PARAMS - PASSING - {"q"}],
            "filter_params": [
                (name, state.given[name]) for item in filters for name in item.params if state.given.get(name)
            ],
            "clear": state.url(**dict.fromkeys([name for item in filters for name in item.params] + ["q"])),
            "next": state.url(after=page.after) if page.after else "",
            "previous": state.url(before=page.before) if page.before else "",
            "first": state.url() if page.before else "",
            "sizes": [
                {"size": size, "url": state.url(size=str(size)), "current": size == state.size} for size in SIZES
            ],
            "sorts": [
                {"label": item.label, "url": state.url(sort=item.code), "current": item is state.sort}
                for item in self.sorts
            ],
            "default_columns": state.url(cols="usual"),
            "columns": [{"column": item, "shown": item in table.shown} for item in table.allowed],
            "exports": self._may_export(),
            "bulk": self.picks_rows and (self._may_export() or bool(self._bulk_acts())),
            "bulk_acts": self._bulk_acts(),
            "export_csv": state.url(export="csv"),
            "export_xlsx": state.url(export="xlsx"),
            "actions": self.actions(),
            "summary": self.summary(self._in_tab(rows, state), state),
            "search_label": self.search_label,
            "empty_title": self.empty_title or _("Nothing here yet"),
            "empty_text": self.empty_text,
            "empty_icon": self.empty_icon,
            **self._first_step(),
            "narrowed": bool(chips or state.search),
        } | self.context()

    def _first_step(self) -> dict[str, Any]:
        first, *others = self.empty_links() or [{}]
        return {"empty_url": first.get("url", ""), "empty_action": first.get("label", ""), "empty_links": others}

    def kept_columns(self) -> str:
        """Return the columns this person chose here last, as the URL would say them."""
        return self.request.COOKIES.get(self.columns_cookie, "")

    @property
    def columns_cookie(self) -> str:
        return f"shopops_cols_{self.request.path.strip('/').replace('/', '_')}"

    def _tab_counts(self, state: State, rows: QuerySet[Any]) -> tuple[list[dict[str, Any]], int]:
        """Count all tabs in one query, each up to the limit."""
        tabs = list(self.get_tabs())
        if not tabs:
            return [], capped_counts([rows], COUNT_LIMIT)[0]
        counted = [tab for tab in tabs if tab.counted or tab.code == state.tab]
        counts = capped_counts([tab.apply(rows) for tab in counted], COUNT_LIMIT)
        by_code = dict(zip([tab.code for tab in counted], counts, strict=True))
        shown = [
            {
                "label": tab.label,
                "code": tab.code,
                "url": state.url(tab=tab.code if tab is not tabs[0] else None),
                "current": tab.code == state.tab,
                "count": formats.capped(by_code[tab.code], COUNT_LIMIT) if tab.code in by_code else "",
                "number": by_code.get(tab.code, 0),
                "tone": tab.tone,
            }
            for tab in tabs
        ]
        return shown, by_code[state.tab]

    def _bulk_acts(self) -> list[dict[str, Any]]:
        """Return what this person may do to many rows at once: label, icon, url."""
        if not self.bulk_url:
            return []
        return [
            {"label": item.label, "icon": item.icon, "url": reverse(self.bulk_url, args=[item.code.partition(".")[2]])}
            for item in bulk_of(self.get_queryset().model, self.request.user)
        ]

    # --- export

    def _may_export(self) -> bool:
        return self.is_exported and may(self.request.user, self.export_permission or self.permission)

    def _export(self, rows: QuerySet[Any], state: State, kind: str) -> HttpResponseBase:
        if not self._may_export():
            raise PermissionDenied
        if kind not in exports.KINDS:
            raise Http404
        found = self._in_tab(rows, state)
        if mass_export.needs_consent(found):
            return mass_export.ask_page(self.request, self.title, found, kind)
        return self._file(found, state, kind, EXPORT_LIMIT)

    def wanted_rows(self) -> tuple[str, int]:
        """Return the list's title and how many rows this page's address shows. Raises BadFilter."""
        state = State(self, self.request.GET)
        if not self._may_export():
            raise PermissionDenied
        found = self._in_tab(self._narrowed(state), state)
        return str(self.title), capped_counts([found], EXPORT_LIMIT)[0]

    def consented_file(self, consent: Approval) -> HttpResponseBase:
        """Return the file of what this page's address shows, with no more rows than the consent is for."""
        state = State(self, self.request.GET)
        if not self._may_export():
            raise PermissionDenied
        found = self._in_tab(self._narrowed(state), state)
        return self._file(found, state, consent.payload["kind"], consent.payload["rows"], consent)

    def _file(
        self, found: QuerySet[Any], state: State, kind: str, most: int, consent: Approval | None = None
    ) -> HttpResponseBase:
        table = self.table([], user=self.request.user, chosen=state.columns)
        match = self.request.resolver_match
        name = f"{(match and match.namespace) or 'list'}-{clock.today():%Y%m%d}"
        with register.taking(self.request.user, taken.of_list(self, state, table, found.model, kind, consent)) as noted:
            rows = self.file_rows(found, noted).order_by(*self._order(state))[:most]
            reading = Reading(rows, table, typed=kind == "xlsx")
            if kind == "csv":
                return exports.csv_of(noted, name, table.export_head(), reading)
            return exports.xlsx_of(noted, name, str(self.title), table.export_head(), reading)


def _ids(text: str) -> list[int]:
    """Read the chosen rows of one page: at most as many as a page has."""
    ids = [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) < 19]
    if len(ids) != len([part for part in text.split(",") if part]) or len(ids) > max(SIZES):
        raise BadFilter(_("The chosen rows cannot be read."))
    return ids


def _with_links(control: dict[str, Any], state: State) -> dict[str, Any]:
    """Give a control's quick picks the address that applies them."""
    for pick in control.get("picks", ()):
        pick["url"] = state.url(**{control["from_param"]: pick["from"], control["to_param"]: pick["to"]})
    return control


def side_of(request: HttpRequest, record: Model) -> dict[str, Any]:
    """Return what stands beside a record, for ``components/collaboration.html``: topics register ``SIDES``."""
    found: dict[str, Any] = {}
    for build in registered("sides", "SIDES"):
        found |= build(request, record)  # type: ignore[operator]  # registries hold objects
    return found


class RecordPage(View):
    """One record: head with state and next actions, facts, tabs, its history and what people write at the side."""

    permission: ClassVar[str]
    template_name: ClassVar[str]
    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get_object(self) -> Model:
        """Return the record, or raise Http404 where this person may not see it."""
        raise NotImplementedError

    def context(self, record: Any) -> Mapping[str, Any]:
        """Return what the template shows."""
        return {}

    def get(self, request: HttpRequest, **_kwargs: object) -> HttpResponse:
        record = self.get_object()
        context = {"record": record, "title": str(record), "side": side_of(request, record)}
        return render(request, self.template_name, context | dict(self.context(record)))


def form_page(
    request: HttpRequest, form: Any, *, title: object, template: str = "pages/form.html", **context: Any
) -> HttpResponse:
    """Show a form; one that was refused is shown again with status 422."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, "title": title, **context}, status=status)


def saved(request: HttpRequest, message: str, url: str, *, form: Any = None, act: Any = None) -> HttpResponse:
    """Say what was done, and which spellings of the form were read as another; go on: a redirect, by htmx too.

    ``act`` is offered to be undone, beside the sentence.
    """
    messages.success(request, message, extra_tags=undo_tag(act))
    for label, notice in notices(form) if form is not None else ():
        messages.info(request, f"{label}: {notice}")
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
