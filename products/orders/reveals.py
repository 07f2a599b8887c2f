from typing import Final

from products.orders.models import Order, OrderContact
from shopops.reveals.kinds import Revealable

PERSONAL: Final = ("name", "phone", "email", "address")


def place_of(order: Order) -> str:
    """Return province, city and district: what of an address is no secret."""
    return " ".join(part for part in (order.province, order.city, order.district) if part)


def _mask(contact: OrderContact, field: str) -> str:
    if field != "address":
        return str(getattr(contact, f"{field}_mask"))
    place = place_of(contact.order)
    return f"{place} ****".strip() if contact.address else place


REVEALS = [Revealable(OrderContact, PERSONAL, mask=_mask)]
