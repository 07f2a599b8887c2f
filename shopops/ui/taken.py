"""What a list's file is, for the register: its title, columns with their classes, filters without what was typed."""

from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shopops.access import fields
from shopops.access.field_classes import shown_by
from shopops.approvals.models import Approval
from shopops.exchange.register import NOT_SAID, Kind, Taking, Told
from shopops.ui.tables import Column, Table

if TYPE_CHECKING:
    from shopops.ui.pages import ListPage, State


def of_list(
    page: "ListPage", state: "State", table: Table, model: type[Model], kind: str, approval: Approval | None
) -> Taking:
    """Return what the register notes of the file of ``page`` as its address says."""
    match, language = page.request.resolver_match, get_language()
    found = [_class_of(table, model, column) for column in table.shown]

    def tell() -> Told:
        here = page if get_language() == language else _again(page)
        # Labels of columns are translated as they are read; filters may have been made in the language of the page.
        return Told(page.title, [column.label for column in table.shown], _filters(here, state))

    return Taking(
        Kind.LIST,
        match.view_name if match else "",
        kind,
        tell,
        column_classes=[name for name, _is_whole in found],
        is_masked=not any(is_whole for _name, is_whole in found),
        approval=approval,
        source=f"approval:{approval.pk}" if approval else "",
    )


def _again(page: "ListPage") -> "ListPage":
    """Return the same page made anew, in the language that is spoken now."""
    twin = type(page)()
    twin.setup(page.request, *page.args, **page.kwargs)
    return twin


def _class_of(table: Table, model: type[Model], column: Column) -> tuple[str, bool]:
    """Return a column's class ("" for none) and whether this reader gets it as it is."""
    for path in table.reads(column) or (column.field,):
        if (found := fields.classed(model, path)) is not None:
            return found.field_class, fields.is_whole(table.user, found)
    name = next((name for name, permission in shown_by().items() if permission == column.permission), "")
    return name, bool(name)  # who lacks the permission has no such column


def _filters(page: "ListPage", state: "State") -> list[tuple[Any, Any]]:
    said: list[tuple[Any, Any]] = [
        (_("Tab"), tab.label) for tab in page.get_tabs() if tab.code == state.tab and tab.narrows
    ]
    said += [
        (item.label, item.noted(state.filters[item.param]))
        for item in page.get_filters()
        if state.filters.get(item.param) is not None
    ]
    if state.search:
        said.append((_("Search"), NOT_SAID))
    if state.rows:
        said.append((_("Chosen rows"), len(state.rows)))
    return said
