"""Who is told of reports that are late or were restated: each once."""

from datetime import datetime, timedelta
from typing import Final

from analytics.reports import services
from analytics.reports.models import Report, Revision
from shopops import clock
from shopops.access.holders import holders
from shopops.notifications.services import notify

PATIENCE: Final = timedelta(minutes=30)  # a report being made is not late
LATELY: Final = timedelta(days=3)  # of older days the calendar tells
REVISED_LATELY: Final = timedelta(days=1)


def tell_of_late(*, now: datetime) -> None:
    """Tell those who make reports of days whose report is past its time."""
    owed = Report.objects.filter(state=Report.State.DUE, day__gte=clock.store_day(now - LATELY)).order_by("day")
    for report in owed:
        if services.latest(report.day) + PATIENCE < now:
            values, once = {"day": report.day.isoformat()}, f"report-late:{report.day}"
            notify(holders("reports.make"), "reports.late", record=report, text_values=values, once=once)


def tell_of_restated(*, now: datetime) -> None:
    """Tell them of reports whose figures have changed since, because data came late."""
    made = Revision.objects.filter(cause="late", number__gt=1, made_at__gt=now - REVISED_LATELY, made_at__lte=now)
    for revision in made.select_related("report").order_by("pk"):
        report, once = revision.report, f"report-restated:{revision.pk}"
        values = {"day": report.day.isoformat()}
        notify(holders("reports.make"), "reports.restated", record=report, text_values=values, once=once)
