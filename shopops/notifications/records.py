from shopops.access.declare import STAFF
from shopops.notifications.models import Preference, QuietHours
from shopops.ui.records import RecordKind

RECORDS = [
    RecordKind(
        model, "notifications:settings", STAFF, lambda user, model=model: model.objects.filter(user=user), url_kwarg=""
    )
    for model in (Preference, QuietHours)
]
