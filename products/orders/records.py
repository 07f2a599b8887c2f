from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from products.orders import services
from products.orders.models import Order, OrderContact, OrderLine
from products.orders.queries import imports_visible_to
from shopops.exchange.models import ImportBatch
from shopops.ui.records import Part, RecordKind, Source
from shopops.ui.restoring import Setter
from shopops.ui.timeline import Event, Told

if TYPE_CHECKING:
    from shopops.accounts.models import User


def _set(pk: int, column: str, value: Any, *, version: int, by: "User") -> None:
    services.mark(pk, version=version, by=by, **{column: value})


def _ordered(order: Order) -> list[Event]:
    return [Event(order.created_at, gettext("The buyer"), gettext("Ordered"), [], "", "")]


def _stages(batch: ImportBatch) -> list[Event]:
    who = str(batch.created_by or _("The system"))
    found = [Event(batch.created_at, who, gettext("File brought"), [], "", "")]
    if batch.merged_at:
        found.append(Event(batch.merged_at, who, gettext("Written into the orders"), [], "", ""))
    if batch.finished_at:
        found.append(Event(batch.finished_at, who, batch.get_state_display(), [], "", ""))
    return found


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
SOURCES = [Source("undo", _("import #%(number)s taken back"), ImportBatch)]
TOLD = [Told(Order, _ordered), Told(ImportBatch, _stages)]
SETTERS = [Setter(Order, services.FIELDS, "orders.note", _set)]
PARTS = [Part(OrderLine, Order, "order_id"), Part(OrderContact, Order, "order_id")]
