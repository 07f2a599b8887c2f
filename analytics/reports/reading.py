"""A kept revision turned into words and tables, once for page, print, mail and command."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.reports import gathering, wording
from analytics.reports.lines import Line, five_lines
from analytics.reports.models import Revision
from products.sales.definitions import name_of
from products.sales.models import DayNote
from shopops.dashboard.registry import Column, Section, sections
from shopops.ui import formats

HALF = 5  # columns
RIGHT = frozenset({"figure", "money", "count", "decimal", "rate", "change", "points", "effect"})


@dataclass(frozen=True)
class Cell:
    words: str
    kind: str
    second: str = ""  # small, below
    strong: bool = False
    right: bool = False
    level: str = ""  # bad, warn or nothing
    share: Decimal | None = None  # −1 … 1 of the largest effect
    metric: str = ""
    value: str = ""  # as kept, beside its words
    url: str = ""  # of the rows behind it

    @property
    def bar(self) -> dict[str, object] | None:
        """The diverging bar's geometry: 44 to either side of zero."""
        if self.share is None:
            return None
        width = round(abs(self.share) * 44, 1)
        return {"x": -width if self.share < 0 else 0, "width": width, "down": self.share < 0}


@dataclass(frozen=True)
class ReadTable:
    caption: str
    columns: list[Column]
    rows: list[tuple[list[Cell], bool]]  # the cells, and whether the row is a total

    @property
    def heads(self) -> list[tuple[Column, bool]]:
        return [(column, column.kind in RIGHT) for column in self.columns]


@dataclass(frozen=True)
class ReadSection:
    code: str
    title: str
    note: str
    tables: list[ReadTable]
    wrong: int = 0  # rows of the data status that are not good

    @property
    def is_wide(self) -> bool:
        """Takes the page's whole width: more columns than half a page bears."""
        return self.is_pair or any(len(table.columns) > HALF for table in self.tables)

    @property
    def is_pair(self) -> bool:
        """Two tables that belong side by side, as the best and the worst."""
        return len(self.tables) == 2


@dataclass
class ReadReport:
    """One revision as people read it."""

    revision: Revision
    day: date
    day_words: str
    made_words: str
    sections: list[ReadSection]
    lines: list[Line] = field(default_factory=list)
    changes: list[dict[str, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[dict[str, str]] = field(default_factory=list)
    note: str = ""

    @property
    def url(self) -> str:
        return reverse("reports:day", args=[self.day.isoformat()])

    @property
    def basis(self) -> str:
        """Basis, zone and currency: printed on every copy."""
        return (
            _("Paid basis with postage, refunds on the day they were done. Zone %(zone)s, currency %(currency)s.")
            % self.figures
        )

    @property
    def made(self) -> str:
        """When it was made and which revision it is."""
        return _("Made %(made)s, revision %(number)s") % {"made": self.made_words, "number": self.revision.number}

    @property
    def through(self) -> list[tuple[str, str]]:
        """How far each channel's data reached, in store time."""
        titles = self.figures.get("channels", {})
        return [(titles.get(code, code), wording.moment(moment)) for code, moment in self.revision.data_through.items()]

    @property
    def parts(self) -> list[ReadSection]:
        """The sections after the data status, which stands above them as alarms."""
        return [section for section in self.sections if section.code != "status"]

    @property
    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = self.revision.figures
        return figures


def read(revision: Revision) -> ReadReport:
    """Return a revision in words of the language that is switched on."""
    figures = revision.figures
    day = revision.report.day
    before = revision.report.revisions.filter(number__lt=revision.number).order_by("-number").first()
    note = DayNote.objects.filter(day=day).values_list("text", flat=True).first()
    return ReadReport(
        revision=revision,
        day=day,
        day_words=formats.day(day),
        made_words=wording.moment(revision.made_at),
        sections=[
            _section(section, figures["sections"][section.code], day)
            for section in sections()
            if section.code in figures["sections"]
        ],
        lines=five_lines(figures),
        changes=_changes(before, revision) if before else [],
        files=figures.get("files", []),
        alarms=_alarms(figures),
        note=note or "",
    )


def _changes(before: Revision, after: Revision) -> list[dict[str, str]]:
    return [
        {
            "metric": name_of(row["metric"]),
            "currency": row["currency"],
            "sent": wording.figure(row["metric"], row["sent"]),
            "now": wording.figure(row["metric"], row["now"]),
        }
        for row in gathering.changes(before.figures, after.figures)
    ]


def _alarms(figures: dict[str, Any]) -> list[dict[str, str]]:
    status = next((section for section in sections() if section.code == "status"), None)
    rows = [row for table in figures["sections"].get("status", []) for row in table["rows"] if row["level"] != "good"]
    if status is None:
        return []
    return [
        {"words": str(status.names[row["check"]]) % row, "level": row["level"], "since": wording.moment(row["since"])}
        for row in rows
    ]


def _section(section: Section, tables: list[dict[str, Any]], day: date) -> ReadSection:
    several = len({table["currency"] for table in tables}) > 1
    return ReadSection(
        section.code,
        str(section.title),
        str(section.note),
        [_table(section, table, day, with_currency=several) for table in tables],
        sum(row.get("level", "good") != "good" for table in tables for row in table["rows"]),
    )


def _table(section: Section, table: dict[str, Any], day: date, *, with_currency: bool) -> ReadTable:
    rows = table["rows"]
    columns = [column for column in section.columns if any(row.get(column.key) is not None for row in rows)]
    if {"code", "title"} <= {column.key for column in columns}:  # one cell on paper, two in the workbook
        columns = [column for column in columns if column.key != "code"]
    words = [str(section.names[table["name"]])] if table.get("name") else []
    if with_currency:
        words.append(table["currency"] or _("All currencies"))
    largest = max(
        (abs(Decimal(row["effect"])) for row in rows if row.get("effect") and not row.get("total")), default=Decimal(0)
    )
    return ReadTable(
        " · ".join(words),
        columns,
        [([_cell(section, column, row, day, largest) for column in columns], bool(row.get("total"))) for row in rows],
    )


def _cell(section: Section, column: Column, row: dict[str, Any], day: date, largest: Decimal) -> Cell:
    share = None
    if column.kind == "effect" and row.get("effect") and largest and not row.get("total"):
        share = Decimal(row["effect"]) / largest
    second = str(row.get("code", "")) if column.key == "title" else ""
    words = wording.cell(section, column, row)
    value = row.get(column.key)
    metric, url = section.rows_of(day, row, column.key) if section.rows_of and value is not None else ("", "")
    return Cell(
        words,
        column.kind,
        second,
        column.strong,
        column.kind in RIGHT,
        _level(column, row),
        share,
        metric,
        str(value),
        url,
    )


def _level(column: Column, row: dict[str, Any]) -> str:
    # Colour only past a threshold: behind plan, refunds up by more than a tenth, a check that fails.
    if column.kind == "sentence":
        return "" if row.get("level") == "good" else str(row.get("level", ""))
    value = row.get(column.key)
    if column.kind != "change" or value in {None, "new"}:
        return ""
    if column.key == "plan_change":
        return "warn" if Decimal(value) < 0 else ""
    return "bad" if row.get("metric") == "refunds" and Decimal(value) > Decimal("0.1") else ""
