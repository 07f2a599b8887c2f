from shopops.access.declare import STAFF
from shopops.exchange.models import Export
from shopops.ui.records import RecordKind


def _title(taken: Export) -> str:
    return f"{taken.mark} {taken.words.get('title', '')}"


RECORDS = [RecordKind(Export, "exchange:export", STAFF, title=_title)]
