from products.refunds.models import Refund
from shopops.access.field_classes import PERSONAL, Fields

FIELD_CLASSES = [Fields(Refund, PERSONAL, ("buyer_key",))]
