"""The kinds of order files there are, and which one a file is.

A format is one module of this package with ``FORMATS``; nothing else names it (docs/extending.md).
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final, Protocol

from django.utils.functional import Promise

from products.orders import formats as package
from products.orders.formats.mapping import MappedFormat
from shopops.exchange.models import SavedMapping
from shopops.exchange.reading import FileRefused, Source, header_name
from shopops.words import sentence as _

NEAR: Final = 0.6  # of the titles known: the file is of this kind, with columns missing


class Format(Protocol):
    """What the import asks of a format."""

    code: str
    title: str | Promise
    platform: str
    grain: str
    sums: tuple[str, ...]

    @property
    def known_titles(self) -> frozenset[str]: ...
    def missing(self, header: list[Any]) -> list[str]: ...
    def reader(self, source: Source, **options: Any) -> Any: ...


@cache
def built_in() -> tuple[Format, ...]:
    """Return the formats that come with the product, in a fixed order."""
    found: list[Format] = []
    for module in sorted(item.name for item in pkgutil.iter_modules(package.__path__)):
        if module != "base":
            found.extend(getattr(import_module(f"{package.__name__}.{module}"), "FORMATS", ()))
    return tuple(found)


def every() -> tuple[Format, ...]:
    """Return all formats: those of the product, then the saved mappings."""
    return (*built_in(), *_saved())


def _saved() -> list[Format]:
    found: list[Format] = []
    for row in SavedMapping.objects.order_by("pk"):
        try:
            found.append(MappedFormat(row.content, code=f"saved:{row.pk}", title=row.name))
        except FileRefused:  # saved by an older version: shown on its page, useless here
            continue
    return found


def get(code: str) -> Format:
    """Return the format of this code. Raises FileRefused."""
    for item in built_in():
        if item.code == code:
            return item
    for item in _saved():
        if item.code == code:
            return item
    raise FileRefused("unknown_format", _("There is no format “%(code)s”.") % {"code": code})


def title_of(code: str, reading: Mapping[str, Any]) -> str:
    """Return the name of the format a file was read by: a built-in one in the reader's language."""
    found = next((str(item.title) for item in built_in() if item.code == code), "")
    return found or str(reading.get("title") or code)


def detect(source: Source) -> list[tuple[Format, float]]:
    """Return the formats whose columns the file has, best first, with the share of its titles they know.

    Looks at all rows that may be the header and, while no sheet is chosen, at all sheets; the header
    row of the best is taken. A file that only lacks required columns of one kind is taken for it, so
    that they are named.
    """
    if source.choices:
        _choose(source)
    best: dict[str, tuple[float, int, Format]] = {}
    near: tuple[float, int, Format] | None = None
    for item in every():
        for at, (_row, cells) in enumerate(source.head):
            score = _score(item, cells)
            if not item.missing(cells):
                best[item.code] = max(
                    best.get(item.code, (0.0, at, item)), (score, at, item), key=lambda found: found[0]
                )
            elif score >= NEAR and (near is None or score > near[0]):
                near = (score, at, item)
    ranked = sorted(best.values(), key=lambda found: -found[0]) or ([near] if near else [])
    if ranked:
        source.begin_at(ranked[0][1])
    return [(item, score) for score, _at, item in ranked]


def _score(item: Format, cells: list[Any]) -> float:
    titles = {header_name(cell) for cell in cells} - {"", "none"}
    if len(titles) < 2:
        return 0.0
    return round(len(titles & item.known_titles) / len(titles), 4)


def _choose(source: Source) -> None:
    """Take the one sheet that has a known format's columns. Raises FileRefused when none or several have."""
    formats = every()
    fitting = [
        name
        for name in source.choices
        if any(not item.missing(cells) for _row, cells in source.looked_at(name).head for item in formats)
    ]
    if len(fitting) != 1:
        raise FileRefused(
            "choose_sheet",
            _("The workbook has several sheets; choose one: %(sheets)s") % {"sheets": "、".join(source.choices[:20])},
        )
    source.choose(fitting[0])
    source.remark("sheet", _("Of several sheets “%(sheet)s” has the columns and was read.") % {"sheet": fitting[0]})
