from shopops.access.field_classes import PERSONAL, Fields
from shopops.ops.models import Mail

FIELD_CLASSES = [Fields(Mail, PERSONAL, ("recipients", "text", "source"), seen_by="operation.view")]
