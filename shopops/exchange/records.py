from shopops.access.declare import STAFF
from shopops.exchange.models import Export
from shopops.ui.records import RecordKind


def _title(taken: Export) -> str:
    return f"{taken.words.get('title', '')} #{taken.pk}"


RECORDS = [RecordKind(Export, "exchange:export", STAFF, title=_title)]
