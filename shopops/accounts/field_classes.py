from shopops.access.field_classes import CREDENTIALS, PERSONAL, Fields
from shopops.accounts.models import User

FIELD_CLASSES = [Fields(User, PERSONAL, ("email",)), Fields(User, CREDENTIALS, ("password",))]
