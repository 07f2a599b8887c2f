from collections.abc import Collection
from typing import Any, Final

from django.db.models import Q, QuerySet

from products.shipments.models import Shipment
from shopops.access.scopes import of_channels
from shopops.search.pieces import searched, typed

CANDIDATES: Final = 500


def by_waybill(text: str, among: Collection[int] | None) -> QuerySet[Any] | None:
    """Orders with a parcel whose waybill begins with the text; served by ``shipment_by_waybill``."""
    plain = searched(text)
    if len(plain) < 4:
        return None
    starts = Q(waybill__startswith=plain.upper()) | Q(waybill__startswith=typed(text))
    return of_channels(Shipment.objects.filter(starts), among, channel="order__channel").values("order")[:CANDIDATES]


ORDER_FINDERS = [by_waybill]
