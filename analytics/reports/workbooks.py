"""A revision as a workbook: number cells, one chart, nothing a spreadsheet would take for a formula."""

from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analytics.reports import wording
from analytics.reports.models import Revision
from analytics.reports.reading import read
from shopops.dashboard.registry import Column, Section, sections
from shopops.exchange.models import Export
from shopops.exchange.register import mark_book

FORMATS: Final = {
    "money": "#,##0.00",
    "effect": "+#,##0.00;-#,##0.00;0.00",
    "count": "#,##0",
    "decimal": "#,##0.00",
    "rate": "0.0%",
    "change": "+0.0%;-0.0%;0.0%",
}
WIDTH: Final = 16  # characters
TEXT_WIDTH: Final = 28


def write(revision: Revision, taken: Export | None = None) -> BytesIO:
    """Return the whole workbook: a first sheet with the message, one sheet per section; ``taken`` marks whose it is."""
    out = BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    styles = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    styles |= {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "red": book.add_format({"font_color": "#B8231A", "bold": True}),
    }
    _first_sheet(book, styles, revision)
    kept = revision.figures["sections"]
    for section in sections():
        if section.code in kept:
            _sheet(book, styles, section, kept[section.code])
    if taken is not None:
        mark_book(book, taken)
    book.close()
    out.seek(0)
    return out


def _first_sheet(book: Workbook, styles: dict[str, Format], revision: Revision) -> None:
    report = read(revision)
    figures = revision.figures
    sheet = book.add_worksheet(_("Report"))
    sheet.set_column(0, 0, TEXT_WIDTH)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, f"{settings.STORE_NAME} · {report.day_words}", styles["title"])
    facts = [
        (_("Store day"), figures["day"]),
        (_("Revision"), str(revision.number)),
        (_("Made"), report.made_words),
        (_("Time zone"), figures["zone"]),
        (_("Currency"), figures["currency"]),
        (_("Basis"), _("Paid, with postage; refunds on the day they were done")),
        *((f"{_('Data through')} {title}", moment) for title, moment in report.through),
        *((line.label, line.words) for line in report.lines),
    ]
    if report.note:
        facts.append((_("Note of the day"), report.note))
    facts += [
        (f"{_('Restated')}: {row['metric']} {row['currency']}", f"{row['sent']} → {row['now']}")
        for row in report.changes
    ]
    facts += [(_("File"), file["name"]) for file in report.files]
    for number, (label, words) in enumerate(facts, 2):
        sheet.write_string(number, 0, label)
        sheet.write_string(number, 1, words)
    for number, alarm in enumerate(report.alarms, len(facts) + 3):
        sheet.write_string(number, 0, "!", styles["red"])
        sheet.write_string(number, 1, alarm["words"], styles["red"])


def _sheet(  # noqa: C901 - one table after the other
    book: Workbook, styles: dict[str, Format], section: Section, tables: list[dict[str, Any]]
) -> None:
    sheet = book.add_worksheet(_sheet_name(book, str(section.title)))
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(section.columns):
        sheet.set_column(number, number, TEXT_WIDTH if column.kind in {"text", "metric", "word", "sentence"} else WIDTH)
    top = 0
    for table in tables:
        caption = " · ".join(
            part for part in (str(section.names.get(table.get("name", ""), "")), table["currency"]) if part
        )
        if caption:
            sheet.write_string(top, 0, caption, styles["title"])
            top += 1
        for number, column in enumerate(section.columns):
            sheet.write_string(top, number, str(column.label), styles["head"])
        for line, row in enumerate(table["rows"], top + 1):
            for number, column in enumerate(section.columns):
                _write(sheet, styles, section, column, row, (line, number))
        if section.chart:
            _chart(book, sheet, section, (top, len(table["rows"])))
        top += len(table["rows"]) + 2
    if section.note:
        sheet.write_string(top, 0, str(section.note))


def _sheet_name(book: Workbook, title: str) -> str:
    plain = "".join(sign for sign in title if sign not in "[]:*?/\\")[:28] or "Sheet"
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    return plain if plain.lower() not in taken else f"{plain} {len(taken)}"


def _write(
    sheet: Worksheet,
    styles: dict[str, Format],
    section: Section,
    column: Column,
    row: dict[str, Any],
    place: tuple[int, int],
) -> None:
    value = row.get(column.key)
    kind = column.kind
    if kind == "figure" and value is not None:
        metric = row.get("metric") or row.get("factor") or ""
        kind = (
            "rate"
            if metric in wording.RATES
            else "money"
            if metric in wording.MONEY
            else "decimal"
            if metric in wording.RATIOS
            else "count"
        )
    if kind in FORMATS and value not in {None, "new"}:
        # A cell holds 15 digits: the exact figure stands in the JSON and on the page.
        sheet.write_number(*place, float(Decimal(value)), styles[kind])
    else:
        sheet.write_string(*place, wording.cell(section, column, row))


def _chart(book: Workbook, sheet: Worksheet, section: Section, rows: tuple[int, int]) -> None:
    top, count = rows
    number = next(index for index, column in enumerate(section.columns) if column.key == section.chart)
    name = sheet.get_name()
    count -= 1  # the total is no bar
    if count < 1:
        return
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": str(section.columns[number].label),
            "categories": [name, top + 1, 0, top + count, 0],
            "values": [name, top + 1, number, top + count, number],
            "fill": {"color": "#2456C7"},
        }
    )
    chart.set_title({"name": str(section.columns[number].label)})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart(top, len(section.columns) + 1, chart)
