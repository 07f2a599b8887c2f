from products.orders.models import Order, OrderContact, ReplacedContact
from shopops.access.field_classes import PERSONAL, WORDS, Fields

FIELD_CLASSES = [
    Fields(Order, PERSONAL, ("buyer", "buyer_key")),
    Fields(Order, WORDS, ("message", "memo", "note")),
    Fields(OrderContact, PERSONAL, ("name", "phone", "email", "address", "phone_digest", "phone_tail", "email_digest")),
    Fields(ReplacedContact, PERSONAL, ("content",)),
]
