"""The months of reports: made, restated, missing, still to come."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from analytics.reports import services
from analytics.reports.models import Report
from products.sales.models import DayNote
from shopops import clock


@dataclass(frozen=True)
class Cell:
    day: date
    state: str  # made, restated, late, waiting, none (before the first night), future
    revision: int = 0
    note: str = ""
    inside: bool = True  # of the month shown


def month_of(text: str, now: datetime) -> date:
    """Read ``2026-03``; anything else is yesterday's month."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return (clock.store_day(now) - timedelta(days=1)).replace(day=1)


def weeks(month: date, reports: QuerySet[Report], *, now: datetime) -> list[list[Cell]]:
    """Return the weeks, Monday first, that a month touches; three statements whatever the month."""
    days = list(Calendar().itermonthdates(month.year, month.month))
    rows = {
        row["day"]: row
        for row in reports.filter(day__gte=days[0], day__lte=days[-1])
        .annotate(newest=Max("revisions__number"), late=Count("revisions", filter=Q(revisions__cause="late")))
        .values("day", "state", "newest", "late")
    }
    notes = dict(DayNote.objects.filter(day__gte=days[0], day__lte=days[-1]).values_list("day", "text"))
    cells = [_cell(day, rows.get(day), notes.get(day, ""), month, now) for day in days]
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _cell(day: date, row: dict[str, Any] | None, note: str, month: date, now: datetime) -> Cell:
    inside = day.month == month.month
    if row is not None and row["state"] == Report.State.MADE:
        return Cell(day, "restated" if row["late"] else "made", row["newest"], note, inside)
    if day >= clock.store_day(now):
        return Cell(day, "future", 0, note, inside)
    if row is None:
        return Cell(day, "none", 0, note, inside)
    return Cell(day, "late" if now > services.latest(day) else "waiting", 0, note, inside)


def counts(now: datetime) -> dict[str, Any]:
    """Return how many nights are owed, made, missing, and the span."""
    found = Report.objects.aggregate(first=Min("day"), last=Max("day"))
    made = Report.objects.filter(state=Report.State.MADE).count()
    return {**found, "made": made, "missing": Report.objects.filter(state=Report.State.DUE).count()}
