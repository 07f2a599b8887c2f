"""From a file's rows to staging records, by a format's declared fields.

A format names for each of our columns the titles it has had in files; the kind of a value follows
from our column. Cells are converted once and remembered, since most repeat. A row that cannot be
read goes to ``reject`` with every one of its faults; it never stops the file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from products.orders.formats import cells as read
from products.orders.formats.cells import BadCell, Moments, Numbers
from products.orders.formats.declare import EXPANDED, KINDS, Columns, Declared, Field, Values, expand
from products.orders.formats.placing import Placed, placed, settle
from products.orders.staging import COLUMNS
from shopops.access.personal import Protected
from shopops.exchange.reading import FileRefused, Notice, Source, header_name
from shopops.exchange.refusals import EXCERPT
from shopops.provinces import full_name
from shopops.words import sentence as _

Reject = Callable[[int, str, str, str, str, list[str | None] | None], None]

BLOCK: Final = 1000  # rows converted together
REMEMBERED: Final = 20_000  # converted cells kept per column; then it begins anew: what repeats, repeats nearby
PERSONAL: Final = frozenset({"phone", "email", "address", "receiver_name"})
LENIENT: Final = frozenset({"message", "memo", "flag", "attributes"})  # a formula here is a remark, not a fault


class TableFormat(Declared):
    """A kind of order file; a subclass declares it and completes its rows by ``finish``."""

    def reader(self, source: Source, **options: Any) -> "TableReader":
        """Return the records of ``source``. Raises FileRefused when its columns do not fit."""
        return TableReader(self, source, **options)


class _Memo(dict[Any, Any]):
    """Converted cells of one column, each converted once."""

    def __init__(self, convert: Callable[[Any], Any], item: Field) -> None:
        super().__init__()
        self._convert = convert
        self._room = 0 if item.name.lstrip("_") in {"address", "message", "memo", "waybill"} else REMEMBERED

    def __missing__(self, cell: Any) -> Any:
        value = self._convert(cell)
        if self._room:
            if len(self) >= self._room:
                self.clear()
            self[cell] = value
        return value


class TableReader:
    """Iterates a file's records, values of ``names``; afterwards ``notices`` and ``shop_names`` tell what else was found."""

    def __init__(
        self,
        fmt: Declared,
        source: Source,
        *,
        zone: ZoneInfo,
        protect_phone: Callable[[str], Protected],
        protect_email: Callable[[str], Protected],
        protect_text: Callable[[str], bytes | None],
        reject: Reject,
        mapping: Mapping[str, Any] | None = None,
    ) -> None:
        del mapping  # the format was made from it
        self.format = fmt
        self.source = source
        self.reject = reject
        self.shop_names: set[str] = set()
        self.moments = Moments(zone, base_1904=source.base_1904)
        self.numbers: dict[str, Numbers] = {}
        self._protect = {"phone": protect_phone, "email": protect_email}
        self._protect_text = protect_text
        self._notices: list[Notice] = []
        self._formulas: dict[str, int] = {}
        settle(fmt, source)
        self.placed = placed(fmt, source)
        self.width = len(source.header)
        self._note_unknown()
        # What each row needs, prepared once.
        names = [item.field.name for item in self.placed]
        self._blank: Values = dict.fromkeys(COLUMNS) | {"_zone": zone} | fmt.constants
        self._faults = source.faults
        self._plan = [(item.field.name, item.place, _Memo(self._converter(item), item.field)) for item in self.placed]
        self._expanded = [(name, EXPANDED[name]) for name in EXPANDED if name in names or f"_{name}" in names]
        self._seals_address = "address" in names or "address" in fmt.makes
        self._summed = [name for name in fmt.total_of if name in names]
        self._sums = dict.fromkeys(self._summed, Decimal(0))
        self._finish = fmt.finish
        self._finishes_columns = not (self._expanded or self._seals_address or self._summed)
        self.names = [name for name in COLUMNS if name in self.gives | {"row_no", "rec"}]
        self._pick = itemgetter(*self.names)  # always two or more: a tuple

    # -- what the import asks

    @property
    def gives(self) -> frozenset[str]:
        """Return the staging columns this file fills."""
        names = {item.field.name for item in self.placed} | self.format.makes
        for name, targets in EXPANDED.items():
            if name in names or f"_{name}" in names:
                names |= {target for target in targets if target}
        if "address" in names:
            names.add("address_cipher")
        return frozenset(names & COLUMNS.keys())

    @property
    def columns(self) -> list[dict[str, str]]:
        """Return which column of the file means what (empty: not read), for the preview."""
        meaning = {item.place: item.field.name.lstrip("_") for item in self.placed}
        return [{"column": title, "field": meaning.get(index, "")} for index, title in enumerate(self.source.header)]

    @property
    def notices(self) -> list[Notice]:
        """Return what the user should know; whole once the rows are through."""
        found = list(self._notices)
        for title, numbers in self.numbers.items():
            if numbers.folded:
                found.append(
                    Notice(
                        "full_width",
                        _("Full-width digits in “%(column)s” were read as plain digits (%(count)s different values).")
                        % {"count": numbers.folded, "column": title},
                    )
                )
        for title, count in self._formulas.items():
            found.append(
                Notice(
                    "formula",
                    _("%(count)s cells of “%(column)s” hold a formula without a value; they are left empty.")
                    % {"count": count, "column": title},
                )
            )
        if self.moments.repeated:
            found.append(
                Notice(
                    "repeated_hour",
                    _("%(count)s different times fall into the hour the clocks showed twice; the first is taken.")
                    % {"count": self.moments.repeated},
                )
            )
        return found

    # -- rows

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        last: tuple[int, list[Any]] = (0, [])
        rows = self.source.rows
        while block := list(islice(rows, BLOCK)):
            last = block[-1]
            yield from filter(None, self._records(block))
        self._refuse_cut_off(*last)

    def _records(self, block: list[tuple[int, list[Any]]]) -> Iterable[tuple[object, ...] | None]:
        """Convert a block column by column, finish its usual rows together; where a cell of it is bad, row by row."""
        try:
            columns = self._converted(block)
        except BadCell:
            columns = None
        if columns is None:
            return (self._record(*row) for row in block)
        left = self.format.finish_columns(columns) if self._finishes_columns else None
        if left is None:
            return self._finished(block, columns)
        given = [columns.get(name) or repeat(self._blank[name], len(block)) for name in self.names]
        records: list[tuple[object, ...] | None] = list(zip(*given, strict=True))
        for index in left:
            records[index] = self._record(*block[index])
        return records

    def _finished(self, block: list[tuple[int, list[Any]]], columns: Columns) -> Iterator[tuple[object, ...] | None]:
        record: tuple[object, ...] | None
        for row, found in zip(block, zip(*columns.values(), strict=True), strict=True):
            values = self._blank.copy()
            values.update(zip(columns, found, strict=True))
            try:
                record = self._complete(values)
            except BadCell:
                record = self._record(*row)
            yield record

    def _converted(self, block: list[tuple[int, list[Any]]]) -> Columns | None:
        """Return the rows' numbers and values by column; None where rows differ in shape or hold faults. Raises BadCell."""
        numbers, rows = zip(*block, strict=True)
        if set(map(len, rows)) != {self.width} or not self._faults.keys().isdisjoint(numbers):
            return None
        cells = list(zip(*rows, strict=True))
        return {"row_no": numbers} | {
            name: list(map(known.__getitem__, cells[place])) for name, place, known in self._plan
        }

    def _record(self, row_no: int, cells: list[Any]) -> tuple[object, ...] | None:
        if len(cells) != self.width:
            shaped = self._shaped(row_no, cells)
            if shaped is None:
                return None
            cells = shaped
        try:
            if self._faults and row_no in self._faults:
                self._mend(row_no)
            values = self._blank | {"row_no": row_no}
            for name, place, known in self._plan:
                values[name] = known[cells[place]]
            return self._complete(values)
        except BadCell:
            if not self._is_total(row_no, cells):
                self._refuse(row_no, cells)
            return None

    def _complete(self, values: Values) -> tuple[object, ...]:
        """Return the record of converted values. Raises BadCell where a rule refuses them."""
        for name, targets in self._expanded:
            expand(values, name, targets)
        self._finish(values)
        if self._seals_address and (address := values.get("address")):
            values["address_cipher"] = self._protect_text(address)
        for name in self._summed:
            if value := values.get(name):
                self._sums[name] += value
        record: tuple[object, ...] = self._pick(values)
        return record

    def _converter(self, item: Placed) -> Callable[[Any], Any]:
        name = item.field.name
        kind, limit = KINDS.get(name, ("text", 4000))
        kind = item.field.kind or kind
        convert = self._by_kind(kind, limit, item)
        if type(self.format).changed is not Declared.changed:
            convert = self._changing(name, convert)
        return self._filled(name, convert) if item.field.filled else convert

    def _changing(self, name: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda cell: self.format.changed(name, convert(cell))

    @staticmethod
    def _filled(name: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def given(cell: Any) -> Any:
            value = convert(cell)
            if value is None:
                raise _empty(name)
            return value

        return given

    def _by_kind(self, kind: str, limit: int, item: Placed) -> Callable[[Any], Any]:
        if kind == "moment":
            return self.moments.moment
        if kind in {"money", "amount", "whole", "count"}:
            numbers = self.numbers.setdefault(item.title, Numbers())
            convert: Callable[[Any], Any] = getattr(numbers, kind)
            return convert
        if kind == "id":
            return lambda cell: read.identifier(cell, limit)
        if kind in self._protect:
            return self._protecting(self._protect[kind])
        if kind == "province":
            return lambda cell: (name := read.text(cell, limit)) and full_name(name)
        if item.field.name == "shop_name":
            return self._shop_name
        return lambda cell: read.text(cell, limit or 500)

    @staticmethod
    def _protecting(protect: Callable[[str], Protected]) -> Callable[[Any], Protected | None]:
        def convert(cell: Any) -> Protected | None:
            value = read.text(cell, 254)
            return None if value is None else protect(value)

        return convert

    def _shop_name(self, cell: Any) -> str | None:
        name = read.text(cell, 120)
        if name:
            self.shop_names.add(name)
        return name

    # -- rows that are not as they should be

    def _shaped(self, row_no: int, cells: list[Any]) -> list[Any] | None:
        """Make a row as wide as the header: empty cells too many are cut, text files may not be short."""
        extra = cells[self.width :]
        if extra and not any(cell not in ("", None) for cell in extra):
            return cells[: self.width]
        if len(cells) < self.width and self.source.kind != "csv":
            return cells + [""] * (self.width - len(cells))
        if self._is_total(row_no, cells):
            return None
        self.reject(
            row_no,
            "",
            "",
            "shape",
            _("Row %(row)s has %(found)s cells, the header %(expected)s.")
            % {"row": row_no, "found": len(cells), "expected": self.width},
            [read.plain(cell) for cell in cells],
        )
        return None

    def _refuse_cut_off(self, row_no: int, cells: list[Any]) -> None:
        short = self.source.kind == "csv" and 0 < len(cells) < self.width
        if short and not self.source.ends_in_line_end and not read.total_word(cells):
            raise FileRefused(
                "cut_off",
                _("The file is cut off: its last row %(row)s has %(found)s of %(expected)s cells.")
                % {"row": row_no, "found": len(cells), "expected": self.width},
                row=row_no,
            )

    def _mend(self, row_no: int) -> None:
        """Refuse a row whose faulty cells we need; in remarks a formula only loses its value."""
        for column, code, shown in self._faults[row_no]:
            for item in self.placed:
                if item.place != column - 1:
                    continue
                if code != "formula" or item.field.name not in LENIENT:
                    raise BadCell(code, shown)
                self._formulas[item.title] = self._formulas.get(item.title, 0) + 1

    def _fault(self, row_no: int, item: Placed) -> BadCell | None:
        for column, code, shown in self._faults.get(row_no, ()):
            if column - 1 == item.place:
                if code == "error_cell":
                    return read.error_value(shown)
                if code == "merged":
                    return BadCell(code, _("Merged cells are not read: every row needs its own value."))
                if item.field.name not in LENIENT:
                    return BadCell(code, _("The formula has no stored value. Save the values, not formulas."))
        return None

    def _refuse(self, row_no: int, cells: list[Any]) -> None:
        """Say all that is wrong with a row."""
        said, values = 0, self._blank | {"row_no": row_no}
        shown = [read.plain(cell) for cell in cells]
        for item, (name, index, known) in zip(self.placed, self._plan, strict=True):
            error = self._fault(row_no, item)
            try:
                values[name] = None if error else known[cells[index]]
            except BadCell as raised:
                error = raised
            if error is not None:
                said += 1
                excerpt = "***" if is_personal(item.field) else (shown[index] or "")[:EXCERPT]
                self.reject(row_no, item.title, excerpt, error.code, error.message, shown)
        if not said:
            self._refuse_by_rule(row_no, values, shown)

    def _refuse_by_rule(self, row_no: int, values: Values, shown: list[str | None]) -> None:
        try:
            self.format.finish(values)
        except BadCell as error:
            name = getattr(error, "field", "")
            item = next((item for item in self.placed if item.field.name == name), None)
            title, excerpt = (item.title, (shown[item.place] or "")[:EXCERPT]) if item else ("", "")
            self.reject(row_no, title, excerpt, error.code, error.message, shown)

    def _is_total(self, row_no: int, cells: list[Any]) -> bool:
        """Recognise a row of totals; say what it states and what the rows add up to where they differ."""
        word = read.total_word(cells)
        if not word:
            return False
        differing = []
        for item in self.placed:
            if item.field.name not in self._sums or item.place >= len(cells):
                continue
            try:
                stated = Numbers().money(cells[item.place])
            except BadCell:
                continue
            if stated is not None and stated != self._sums[item.field.name]:
                differing.append(f"{item.title}: {stated} ≠ {self._sums[item.field.name]}")
        if differing:
            message = _(
                "Row %(row)s is a total (%(word)s) and was left out; it differs from the sum of the rows: %(differing)s"
            )
        else:
            message = _("Row %(row)s is a total (%(word)s) and was left out.")
        self._notices.append(
            Notice("total_row", message % {"row": row_no, "word": word, "differing": "; ".join(differing)})
        )
        return True

    def _note_unknown(self) -> None:
        known = self.format.known_titles
        unknown = [name for name in self.source.header if name and header_name(name) not in known]
        if unknown:
            self._notices.append(
                Notice("unknown_columns", _("Columns not read: %(columns)s") % {"columns": "、".join(unknown[:30])})
            )


def _empty(name: str) -> BadCell:
    error = BadCell("empty", _("A value is needed here."))
    error.field = name
    return error


def refuse(name: str, code: str, message: str) -> BadCell:
    """Return the refusal of a row by a rule, shown at the column of field ``name``."""
    error = BadCell(code, message)
    error.field = name
    return error


def is_personal(item: Field) -> bool:
    """Say whether a field holds what only those see who may uncover it."""
    return item.name.lstrip("_") in PERSONAL or item.kind in PERSONAL
