from shopops.access.field_classes import PERSONAL, Fields
from shopops.exchange.models import ImportReject

FIELD_CLASSES = [Fields(ImportReject, PERSONAL, ("cells",))]
