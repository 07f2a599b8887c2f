from django.utils.translation import gettext_lazy as _

from shopops.access.declare import STAFF
from shopops.acts.models import BULK, Act
from shopops.ui.records import RecordKind

RECORDS = [RecordKind(Act, "acts:act", STAFF, source=BULK, source_words=_("bulk act #%(number)s"))]
