from products.orders.models import Order, OrderContact
from shopops.access.field_classes import PERSONAL, Fields

FIELD_CLASSES = [
    Fields(Order, PERSONAL, ("buyer", "buyer_key", "message")),
    Fields(OrderContact, PERSONAL, ("name", "phone", "email", "address", "phone_digest", "phone_tail", "email_digest")),
]
