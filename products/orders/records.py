from django.utils.translation import gettext_lazy as _

from products.orders.models import Order, OrderContact, OrderLine
from products.orders.queries import imports_visible_to
from shopops.exchange.models import ImportBatch
from shopops.ui.records import Part, RecordKind

RECORDS = [
    RecordKind(Order, "orders:order", "orders.view"),
    RecordKind(
        ImportBatch,
        "orders:import",
        "orders.view",
        imports_visible_to,
        lambda batch: f"#{batch.pk} {batch.upload.name}",
        source="import",
        source_words=_("import #%(number)s"),
        related=("upload",),
    ),
]
PARTS = [Part(OrderLine, Order, "order_id"), Part(OrderContact, Order, "order_id")]
