"""Forms two people may have open at once: a hidden version, and a page to choose by where both saved."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from shopops.history.versions import Clash, Conflict
from shopops.ui import formats
from shopops.ui.timeline import field_words
from shopops.words import listed

CHOICE: Final = "keep-"  # + field: "mine" or "theirs"
NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken", "version"})


class Versioned(forms.Form):
    """What a form on an existing record carries: the version it was read at. Give it as ``initial``."""

    version = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def clean_version(self) -> int:
        """A form without a version was read before any change."""
        return self.cleaned_data["version"] or 0

    def values(self) -> dict[str, Any]:
        """Return what the form says of the record: everything but the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def bound(request: HttpRequest, make: "Callable[[QueryDict | None], forms.Form]") -> Any:
    """Return the form as it was sent, with theirs where "theirs" was chosen; unbound where nothing was sent.

    ``make`` makes the form of given data; without data it holds the record as it stands now.
    """
    if request.method != "POST":
        return make(None)
    chosen = [name.removeprefix(CHOICE) for name, value in request.POST.items() if _is_theirs(name, value)]
    if not chosen:
        return make(request.POST)
    data, now = request.POST.copy(), make(None)
    for name in chosen:
        if name in now.fields:
            _put(data, name, now[name])
    return make(data)


def _is_theirs(name: str, value: Any) -> bool:
    return name.startswith(CHOICE) and value == "theirs"


def _put(data: QueryDict, name: str, field: Any) -> None:
    """Write a field's present value as its widget would send it."""
    value, widget = field.value(), field.field.widget
    data.pop(name, None)
    if isinstance(widget, forms.CheckboxInput):
        if value:
            data[name] = "on"
    elif isinstance(widget, forms.SelectMultiple | forms.CheckboxSelectMultiple):
        data.setlist(name, [str(getattr(item, "pk", item)) for item in value or ()])
    else:
        shown = widget.format_value(value)
        data[name] = "" if shown is None else str(shown[0] if isinstance(shown, list) else shown)


def conflict_page(
    request: HttpRequest, conflict: Conflict, *, title: object, back: str, names: dict[str, str] | None = None
) -> HttpResponse:
    """Show both values of each field side by side, to choose; what was typed stays in the page (409).

    ``names`` gives the form's field for a record's where it is called otherwise.
    """
    names = names or {}
    rows = [_row(conflict, clash, names.get(clash.field, clash.field)) for clash in conflict.clashes]
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_KEPT and not name.startswith(CHOICE)
        for value in values
    ]
    context = {"title": title, "conflict": conflict, "rows": rows, "kept": kept, "back": back}
    return render(request, "pages/conflict.html", context, status=409)


def _row(conflict: Conflict, clash: Clash, name: str) -> dict[str, Any]:
    return {
        "name": CHOICE + name,
        "label": clash.label,
        "before": words(conflict, clash, clash.before),
        "mine": words(conflict, clash, clash.mine),
        "theirs": words(conflict, clash, clash.theirs),
        "who": str(clash.actor) if clash.actor else _("The system"),
        "at": clash.at,
        "is_mine": clash.is_mine,
    }


def words(conflict: Conflict, clash: Clash, value: Any) -> str:
    """Return one of a clash's values as pages show it."""
    field = conflict.model._meta.get_field(clash.field)
    if field.is_relation and not field.many_to_many and value:
        found = field.related_model._default_manager.filter(pk=value).first()  # type: ignore[union-attr]  # the stubs allow generic relations
        return str(found) if found else str(value)
    if isinstance(value, list):
        return listed(map(str, value)) or formats.ABSENT
    return field_words(conflict.model, getattr(field, "column", clash.field) or "", value)
