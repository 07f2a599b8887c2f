"""A list's columns, declared once: the page, the phone's cards, the column chooser and the export follow.

    class OrderTable(Table):
        number = Column(_("Order"), link=True, fixed=True, second="channel", phone=1)
        paid = Column(_("Paid"), format="money", phone=4)
        state = Column(_("State"), format="badge", phone=2)

A table may say more about one column: ``show_<name>(row)`` returns a :class:`Cell` (or a text). What
such a column has in files is made of the fields it ``reads``: the first one's value, or what
``file_<name>(*values)`` makes of them; without ``reads`` it is the text shown. Rows are model
instances or dicts; files of growing lists are made of tuples (see :mod:`shopops.ui.reading`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model

from shopops.access import fields
from shopops.access.declare import may
from shopops.ui import formats

NUMBERS = frozenset({"money", "number", "percent"})


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table."""

    text: str = ""
    second: str = ""  # a quieter line below
    title: str = ""  # the exact value, shown on hover
    href: str = ""
    tone: str = ""  # bad, warn, good, accent, quiet
    badge: str = ""  # a state's code: drawn as a badge
    template: str = ""  # drawn by this template with the row
    css: str = ""
    code: bool = False  # data, not words: nobody translates it
    labelled: bool = False  # a bare count: the phone's card, which has no head, names it
    row: Any = None

    @property
    def classes(self) -> str:
        """The classes of the table's cell."""
        return f"{self.css} so-text-{self.tone}".strip() if self.tone else self.css


class Column:
    """One column of a table."""

    def __init__(
        self,
        label: object,
        *,
        field: str = "",
        reads: Sequence[str] = (),
        format: str = "text",  # noqa: A002 - the word for it
        link: bool = False,
        fixed: bool = False,
        hidden: bool = False,
        second: str = "",
        phone: int = 0,
        permission: str = "",
        template: str = "",
        help: object = "",  # noqa: A002 - the word for it
        code: bool = False,
    ) -> None:
        self.name = ""
        self.label, self.help = label, help
        self.field, self.format, self.second = field, format, second
        self.reads = tuple(reads)  # dotted paths
        self.link, self.fixed, self.hidden, self.phone = link, fixed, hidden, phone
        self.permission, self.template = permission, template
        self.code = code  # what stands here is data (a number, a code, a file name), not words to translate

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.field = self.field or name

    @property
    def css(self) -> str:
        return "so-num" if self.format in NUMBERS else ""


def value_of(row: Any, path: str) -> Any:
    """Follow a dotted path through attributes, dict keys and calls without arguments."""
    for part in path.split("."):
        if row is None:
            return None
        row = row.get(part) if isinstance(row, dict) else getattr(row, part)
        if callable(row):
            row = row()
    return row


def _words(row: Any, column: Column, value: Any) -> str:
    display = getattr(row, f"get_{column.field}_display", None)
    return str(display() if display else value or "")


def _plain(row: Any, column: Column, value: Any) -> Cell:
    match column.format:
        case "badge" | "words":
            return Cell(_words(row, column, value), badge=str(value or "") if column.format == "badge" else "")
        case "money":
            shown = formats.money(value)
            return Cell(shown, title=formats.exact(value) if value is not None else "", css="so-num so-strong")
        case "number":
            return Cell(formats.number(value), css="so-num")
        case "percent":
            return Cell(formats.percent(value), css="so-num")
        case "moment":
            return Cell(formats.moment(value), title=formats.full_moment(value) if value else "", css="so-time")
        case "day":
            return Cell(formats.day(value), css="so-time")
        case "countdown":
            words, tone = formats.countdown(value)
            return Cell(words, second=formats.moment(value) if value else "", tone=tone)
    return Cell("" if value is None else str(value))


class Table:
    """Declared columns over rows."""

    columns: ClassVar[dict[str, Column]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: item for name, item in vars(cls).items() if isinstance(item, Column)}
        cls.columns = {**cls.columns, **own}

    def __init__(self, rows: Iterable[Any], *, user: object, chosen: Sequence[str] = ()) -> None:
        self.user = user
        self.rows = list(rows) if not isinstance(rows, list) else rows
        self.allowed = [item for item in self.columns.values() if not item.permission or may(user, item.permission)]
        names = {item.name for item in self.allowed}
        wanted = [name for name in chosen if name in names]
        self.shown = (
            [item for item in self.allowed if item.name in wanted or item.fixed]
            if wanted
            else [item for item in self.allowed if not item.hidden]
        )

    def value(self, row: Any, path: str) -> Any:
        """Return what this table's reader is shown of a field: a mask, where it belongs to a class (shopops.access.fields)."""
        if isinstance(row, Model) and fields.classed(type(row), path) is not None:
            return fields.shown(self.user, row, path)
        return value_of(row, path)

    def url(self, row: Any) -> str:
        """Return where a row leads."""
        target = getattr(row, "get_absolute_url", None)
        return str(target()) if target else ""

    def cell(self, row: Any, column: Column) -> Cell:
        """Return one cell, ready to draw."""
        own = getattr(self, f"show_{column.name}", None)
        if own is not None:
            found = own(row)
            cell = found if isinstance(found, Cell) else Cell(str(found))
        elif column.template:
            cell = Cell(template=column.template)
        else:
            cell = _plain(row, column, self.value(row, column.field))
        second = str(self.value(row, column.second) or "") if column.second and not cell.second else cell.second
        href = self.url(row) if column.link and not cell.href else cell.href
        css = cell.css or column.css
        return replace(
            cell,
            second=second,
            href=href,
            css=f"{css} so-fixed".strip() if column.fixed else css,
            code=column.code,
            labelled=column.format == "number",
            row=row,
        )

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield each row's cells and, for the phone, its few facts (static/css/tables.css says where each place stands)."""
        for row in self.rows:
            cells = {item.name: self.cell(row, item) for item in self.shown}
            cards = sorted((item for item in self.shown if item.phone), key=lambda item: item.phone)
            yield {
                "row": row,
                "url": self.url(row),
                "cells": list(cells.values()),
                "card": [(item.phone, item.label, cells[item.name]) for item in cards],
            }

    def export_head(self) -> list[str]:
        return [str(item.label) for item in self.shown]

    def export_row(self, row: Any) -> list[object]:
        """Return a row's values for a file: numbers as numbers, instants, texts and masks as shown."""
        return [self.export_value(row, item) for item in self.shown]

    def reads(self, column: Column) -> tuple[str, ...]:
        """Return the dotted paths of the fields a column has in files; none where it needs the whole row."""
        own = column.template or hasattr(self, f"show_{column.name}")
        return column.reads or (() if own else (column.field,))

    def export_value(self, row: Any, column: Column) -> object:
        paths = self.reads(column)
        if not paths:
            return self.cell(row, column).text
        values = [self.value(row, path) for path in paths]
        make = getattr(self, f"file_{column.name}", None)
        if make is not None:
            return make(*values)
        (value, *_more) = values
        if column.format in {"badge", "words"}:
            return _words(row, column, value)
        if value is None or isinstance(value, Decimal | int | float | datetime | date):
            return value
        return str(value)
