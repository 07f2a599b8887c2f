from shopops.ops.models import Installation
from shopops.ui.records import RecordKind

RECORDS = [
    RecordKind(Installation, "ops:outbox", "operation.view", lambda _user: Installation.objects.all(), url_kwarg="")
]
