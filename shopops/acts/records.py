from django.utils.translation import gettext_lazy as _

from shopops.access.declare import STAFF
from shopops.acts.models import BULK, Act
from shopops.ui.records import RecordKind, Source

RECORDS = [RecordKind(Act, "acts:act", STAFF, source=BULK, source_words=_("bulk act #%(number)s"))]
SOURCES = [
    Source("undo-act", _("undone within 30 seconds")),  # the act itself is forgotten after a day
    Source("undo-bulk", _("bulk act #%(number)s taken back"), Act),
]
