"""The page of an act over many rows of a list: how many exactly, what to write, the confirmation."""

from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shopops.acts import bulk
from shopops.acts.kinds import BulkAct, bulk_of
from shopops.ui import formats
from shopops.ui.filters import BadFilter
from shopops.ui.pages import ListPage, State, saved

MISCOUNTED = 409


class BulkPage(ListPage):
    """Put before a list's page class: the same URL state, one more argument ``act``; GET asks, POST does.

    The rows are those of the field ``rows`` (ids), or all the list's state shows. The count confirmed must be the
    count found when it is done; else it is asked again.
    """

    model: ClassVar[type[Model]]
    list_name: ClassVar[str]
    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]
    extra_params: ClassVar[tuple[str, ...]] = ("scope",)

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return self._answer(request, str(kwargs["act"]))

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return self._answer(request, str(kwargs["act"]))

    def _answer(self, request: HttpRequest, code: str) -> HttpResponseBase:
        kind = next((item for item in bulk_of(self.model, request.user) if item.code.endswith(f".{code}")), None)
        if kind is None:
            raise Http404
        try:
            state = State(self, request.GET)
            rows = self._in_tab(self._narrowed(state), state)
            ids = (
                bulk.chosen(self.get_queryset(), self._named(request, state))
                if self._is_named(request, state)
                else None
            )
        except bulk.NotTheseRows as refusal:
            return self._shown(
                request, kind, state, kind.form(None), ids=None, count=0, problem=str(refusal), status=422
            )
        except BadFilter as problem:
            return render(request, "errors/400.html", {"problem": str(problem)}, status=400)
        count = len(ids) if ids is not None else rows.order_by().count()
        if count > bulk.ROWS_AT_MOST:
            return self._shown(
                request, kind, state, kind.form(None), ids=None, count=0, problem=str(bulk.too_many()), status=422
            )
        form = kind.form(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._shown(request, kind, state, form, ids=ids, count=count, status=422 if form.is_bound else 200)
        if request.POST.get("count") != str(count):
            problem = _("The list has changed: there are %(count)s rows now. Look, and confirm again.")
            words = problem % {"count": formats.number(count)}
            return self._shown(request, kind, state, form, ids=ids, count=count, problem=words, status=MISCOUNTED)
        return self._begin(
            request, kind, state, form, ids if ids is not None else sorted(rows.values_list("pk", flat=True))
        )

    def _begin(self, request: HttpRequest, kind: BulkAct, state: State, form: Any, ids: list[int]) -> HttpResponseBase:
        back = reverse(self.list_name) + state.url(row=None, scope=None)
        # What was searched for may be a person's name: it goes back to the page, not into the act.
        kept, url = _scope(self, state, is_kept=True), reverse(self.list_name) + state.url(row=None, scope=None, q=None)
        try:
            act = bulk.begin(kind, ids, form.cleaned_data, scope=kept, url=url[:200], by=request.user)
        except bulk.NotTheseRows as refusal:
            return self._shown(request, kind, state, form, ids=ids, count=len(ids), problem=str(refusal), status=422)
        if act.rows > bulk.AT_ONCE:
            return saved(request, _("It has begun."), reverse("acts:act", args=[act.pk]))
        words = ngettext("Done: %(count)s row.", "Done: %(count)s rows.", act.rows) % {
            "count": formats.number(act.rows)
        }
        if left := sum(len(block.failures) for block in act.blocks.all()):
            words += " " + _("%(count)s were left as they were.") % {"count": formats.number(left)}
        return saved(request, words, back, act=act)

    def _is_named(self, request: HttpRequest, state: State) -> bool:
        return bool(request.POST.get("rows") or state.rows) and request.GET.get("scope") != "all"

    def _named(self, request: HttpRequest, state: State) -> list[int]:
        given = request.POST.get("rows", "").replace(",", " ").split() or [str(pk) for pk in state.rows]
        ids = {int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 19}
        if bad := [text for text in given if not (text.isascii() and text.isdigit() and len(text) < 19)]:
            raise bulk.NotTheseRows(_("“%(text)s” is no row's number.") % {"text": bad[0][:64]})
        return sorted(ids)

    def _shown(
        self,
        request: HttpRequest,
        kind: BulkAct,
        state: State,
        form: Any,
        *,
        ids: list[int] | None,
        count: int,
        problem: str = "",
        status: int = 200,
    ) -> HttpResponse:
        words = ngettext("%(count)s row", "%(count)s rows", count) % {"count": formats.number(count)}
        every = None
        if ids is not None and state.rows:
            every = self._in_tab(self._narrowed(state), state).order_by().count()
        context = {
            "title": kind.label,
            "kind": kind,
            "form": form,
            "count": count,
            "count_words": words,
            "ids": ",".join(map(str, ids)) if ids is not None else "",
            "chosen": ids is not None,
            "every": every if every != count else None,
            "every_url": state.url(scope="all", row=None),
            "scope": _scope(self, state),
            "problem": problem,
            "back": reverse(self.list_name) + state.url(row=None, scope=None),
            "most": bulk.ROWS_AT_MOST,
            "list_title": self.title,
        }
        return render(request, "pages/bulk.html", context, status=status)


def _scope(page: ListPage, state: State, *, is_kept: bool = False) -> str:
    """Return the list's filters in words; ``is_kept``: without what was searched for."""
    parts = [
        f"{item.label} {item.words(state.filters[item.param])}".strip()
        for item in page.get_filters()
        if state.filters[item.param] is not None
    ]
    tab = next((tab.label for tab in page.get_tabs() if tab.code == state.tab), "")
    search = [_("a search") if is_kept else f"“{state.search}”"] if state.search else []
    return " · ".join(str(part) for part in [tab, *parts, *search] if part)
