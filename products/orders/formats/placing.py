"""Where in this file a format's columns stand: sheet, header row, place in the row."""

from typing import NamedTuple

from products.orders.formats.declare import Declared, Field
from shopops.exchange.reading import FileRefused, Source, header_name
from shopops.words import sentence as _


class Placed(NamedTuple):
    """A field and the column of this file it stands in."""

    field: Field
    place: int
    title: str


def settle(fmt: Declared, source: Source) -> None:
    """Find the sheet and the header row the format's columns stand in. Raises FileRefused."""
    if source.choices:
        fitting = [name for name in source.choices if _fitting_row(fmt, source.looked_at(name)) is not None]
        if len(fitting) == 1:
            source.choose(fitting[0])
            source.remark(
                "sheet", _("Of several sheets “%(sheet)s” has the columns and was read.") % {"sheet": fitting[0]}
            )
    at = _fitting_row(fmt, source)
    if at is not None:
        source.begin_at(at)


def _fitting_row(fmt: Declared, source: Source) -> int | None:
    return next((at for at, (_row, cells) in enumerate(source.head) if not fmt.missing(cells)), None)


def placed(fmt: Declared, source: Source) -> list[Placed]:
    """Match header and fields by name. Raises FileRefused for missing or doubled columns."""
    missing = fmt.missing(source.header)
    if missing:
        raise FileRefused(
            "missing_columns",
            _("Columns missing for “%(format)s”: %(columns)s") % {"format": fmt.title, "columns": "、".join(missing)},
            row=source.header_row,
            column=missing[0],
        )
    where: dict[str, int] = {}
    for index, title in enumerate(source.header):
        name = header_name(title)
        if name and name in where:
            raise FileRefused(
                "doubled_column",
                _("The column “%(column)s” stands in the header twice.") % {"column": title.strip()},
                row=source.header_row,
                column=title.strip(),
            )
        where[name] = index
    found = []
    for item in fmt.fields:
        place = next((where[key] for key in item.keys if key in where), None)
        if place is not None:
            found.append(Placed(item, place, source.header[place].strip()))
    return found
