from products.refunds.models import Refund, RefundLine
from shopops.ui.records import Part, RecordKind

RECORDS = [RecordKind(Refund, "refunds:refund", "refunds.view")]
PARTS = [Part(RefundLine, Refund, "refund_id")]
