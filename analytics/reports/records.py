from analytics.reports.models import Report, Revision
from products.sales.models import DayNote
from shopops.ui.records import Part, RecordKind

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
