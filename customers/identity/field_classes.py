from customers.identity.models import Customer, Identity
from shopops.access.field_classes import PERSONAL, Fields

FIELD_CLASSES = [Fields(Customer, PERSONAL, ("name",)), Fields(Identity, PERSONAL, ("key", "label"))]
