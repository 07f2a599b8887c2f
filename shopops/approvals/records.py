from django.utils.translation import gettext_lazy as _

from shopops.access.declare import STAFF
from shopops.approvals.models import Approval, Decider
from shopops.ui.records import RecordKind

RECORDS = [
    RecordKind(
        Approval,
        "approvals:approval",
        STAFF,
        title=lambda asked: asked.value or asked.label,
        source="approval",
        source_words=_("request #%(number)s"),
    ),
    RecordKind(Decider, "approvals:deciders", "approvals.change", lambda _user: Decider.objects.all(), url_kwarg=""),
]
