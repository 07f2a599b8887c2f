from django.utils.translation import gettext_lazy as _

from shopops.privacy.models import Erasure, KeepDays, Suppression
from shopops.ui.records import Part, RecordKind

RECORDS = [
    RecordKind(KeepDays, "privacy:keeping", "privacy.view", lambda _user: KeepDays.objects.all(), url_kwarg=""),
    RecordKind(
        Erasure,
        "privacy:keeping",
        "privacy.view",
        lambda _user: Erasure.objects.all(),
        url_kwarg="",
        source="erasure",
        source_words=_("erasure #%(number)s"),
    ),
]
PARTS = [Part(Suppression, Erasure, "erasure_id")]
