"""A list's rows for a file: tuples of what the columns need, never model instances.

The database hands out a plain field as the file writes it (exact numbers, store times); a column
that ``reads`` several fields makes its cell of their values. Only a table with a column that needs
the whole row (``show_…`` without ``reads``) is read row by row, which suits short lists.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Field, Func, QuerySet, Value

from shopops import clock
from shopops.access.fields import masker
from shopops.ui.tables import Column, Table

BLOCK: Final = 2000  # rows fetched and written at a time
KINDS: Final[tuple[tuple[type["Field[Any, Any]"], str], ...]] = (
    (models.DecimalField, "decimal"),
    (models.DateTimeField, "moment"),
    (models.DateField, "day"),
    (models.IntegerField, "number"),
    (models.FloatField, "number"),
    (models.CharField, "text"),
    (models.TextField, "text"),
)


class _As(models.Field):  # type: ignore[type-arg]  # takes none at run time
    """A value as the driver gives it; Django's own types would convert each once more."""


class _Exact(Func):
    """A number without trailing zeros, as text."""

    template, arity, output_field = "trim_scale(%(expressions)s)::text", 1, _As()


class _Float(Func):
    """A number as spreadsheets hold it."""

    template, arity, output_field = "(%(expressions)s)::float8", 1, _As()


class _StoreTime(Func):
    """An instant on the store's wall clock."""

    template, arg_joiner, arity, output_field = "(%(expressions)s)", " AT TIME ZONE ", 2, _As()


class _StoreTimeText(_StoreTime):
    template = "left((%(expressions)s)::text, 19)"


@dataclass(frozen=True)
class Part:
    """What one column of a file is made of.

    ``kind`` is decimal, number, moment, day, text, words or made; ``places`` are those of its values in
    a row that was read.
    """

    kind: str
    places: tuple[int, ...]
    make: Callable[..., object] | None = None


Columns = list[Sequence[object]]


class Reading:
    """The rows of a list as columns of values, a block at a time.

    For a workbook (``typed``) numbers are numbers and times naive store times; else both are the
    texts of a CSV file. Texts are as they are stored: who writes them guards them.
    """

    def __init__(self, rows: QuerySet[Any], table: Table, *, typed: bool) -> None:
        self.rows, self.table, self.typed = rows, table, typed
        self._selected: dict[tuple[str, str], int] = {}
        self._masks: dict[int, Callable[[Any], Any]] = {}  # by the place of a column of some class
        found = [self._part(column) for column in table.shown]
        self.parts = [part for part in found if part is not None]
        self.of_instances = len(self.parts) < len(found)
        if self.of_instances:
            self.parts = [Part("made", (place,)) for place in range(len(found))]
            self._masks = {}  # the table masks each cell itself

    def blocks(self) -> Iterator[Columns]:
        """Yield the columns of each block of rows."""
        if self.of_instances:
            found: Iterator[Any] = map(self.table.export_row, self.rows.iterator(chunk_size=BLOCK))
        else:
            found = self.rows.values_list(*self._expressions()).iterator(chunk_size=BLOCK)
        while block := list(islice(found, BLOCK)):
            columns = list(zip(*block, strict=True))
            for place, mask in self._masks.items():
                columns[place] = tuple(map(mask, columns[place]))
            yield [self._made(part, columns) for part in self.parts]

    def _made(self, part: Part, columns: list[tuple[object, ...]]) -> Sequence[object]:
        values = [columns[place] for place in part.places]
        return list(map(part.make, *values)) if part.make else values[0]

    def _part(self, column: Column) -> Part | None:
        paths = self.table.reads(column)
        fields = [_field(self.rows, path) for path in paths]
        if not paths or None in fields:
            return None
        make = getattr(self.table, f"file_{column.name}", None)
        if make is not None:
            return Part("made", tuple(self._place(path, "made") for path in paths), make)
        kind = next((kind for base, kind in KINDS if isinstance(fields[0], base)), "made")
        if column.format in {"badge", "words"}:
            words = {code: str(label) for code, label in fields[0].flatchoices}  # type: ignore[union-attr]  # asked only of fields with choices
            return Part("words", (self._place(paths[0], "text"),), lambda code: words.get(code, code))
        return Part(kind, (self._place(paths[0], kind),))

    def _place(self, path: str, kind: str) -> int:
        place = self._selected.setdefault((path, kind), len(self._selected))
        if (mask := masker(self.table.user, self.rows.model, path)) is not None:
            self._masks[place] = mask
        return place

    def _expressions(self) -> list[Any]:
        return [_expression(F(path.replace(".", "__")), kind, typed=self.typed) for path, kind in self._selected]


def _expression(source: F, kind: str, *, typed: bool) -> Any:
    match kind:
        case "decimal":
            return _Float(source) if typed else _Exact(source)
        case "moment":
            zone = Value(clock.store_zone().key)
            return _StoreTime(source, zone) if typed else _StoreTimeText(source, zone)
    return source


def _field(rows: QuerySet[Any], path: str) -> "Field[Any, Any] | None":
    """Return the database field a dotted path leads to; None where something else has to be asked."""
    if path in rows.query.annotations:
        return rows.query.annotations[path].output_field
    model, (*steps, last) = rows.model, path.split(".")
    try:
        for name in steps:
            step = model._meta.get_field(name)
            if not (step.many_to_one or step.one_to_one):
                return None
            model = step.related_model
        found = model._meta.pk if last == "pk" else model._meta.get_field(last)
    except FieldDoesNotExist:
        return None
    return None if found.is_relation else found
