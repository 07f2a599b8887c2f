from django.utils.translation import gettext_lazy as _

from shopops.privacy.models import Erasure, KeepDays, Request, Suppression
from shopops.ui.records import Part, RecordKind, Source

RECORDS = [
    RecordKind(
        Request,
        "privacy:request",
        "privacy.view",
        lambda _user: Request.objects.all(),
        source="request",
        source_words=_("data request #%(number)s"),
    ),
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
SOURCES = [
    Source("retention", _("cleared after its days")),
    Source("keys", _("encrypted under a new key")),
]
PARTS = [Part(Suppression, Erasure, "erasure_id")]
