from shopops.access.field_classes import CREDENTIALS, PERSONAL, Fields
from shopops.accounts.models import ApiToken, ResetRequest, User

FIELD_CLASSES = [
    Fields(User, PERSONAL, ("email",), seen_by="accounts.view"),
    Fields(User, CREDENTIALS, ("password",)),
    Fields(ApiToken, CREDENTIALS, ("digest",)),
    Fields(ResetRequest, PERSONAL, ("asked",)),
]
