from products.orders.models import Order
from products.refunds.models import Refund, RefundLine
from shopops.ui.records import Part, RecordKind

RECORDS = [RecordKind(Refund, "refunds:refund", "refunds.view")]
PARTS = [Part(RefundLine, Refund, "refund_id"), Part(Refund, Order, "order_id", is_record=True)]
