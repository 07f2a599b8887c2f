from django.utils.translation import gettext as _

from analytics.reports.models import Report, Revision
from products.sales.models import DayNote
from shopops.history.queries import changes_of_rows
from shopops.ui.records import Part, RecordKind
from shopops.ui.timeline import Event, Told, events_of


def _revisions(report: Report) -> list[Event]:
    """What was made of a report, and what people noted of its day."""
    told = [
        Event(
            made.made_at,
            str(made.made_by or _("The system")),
            _("Revision %(number)s made") % {"number": made.number},
            [],
            "",
            "",
        )
        for made in report.revisions.select_related("made_by").order_by("-number")[:50]
    ]
    notes = list(DayNote.objects.filter(day=report.day).values_list("pk", flat=True))
    return told + events_of(list(changes_of_rows({DayNote._meta.db_table: notes})[:50]), None)


RECORDS = [
    RecordKind(Report, "reports:day", "reports.view", url_field="day", url_kwarg="day"),
    RecordKind(
        DayNote,
        "reports:day",
        "reports.view",
        lambda _user: DayNote.objects.all(),
        lambda note: note.day.isoformat(),
        url_field="day",
        url_kwarg="day",
    ),
]
PARTS = [Part(Revision, Report, "report_id")]
TOLD = [Told(Report, _revisions)]
