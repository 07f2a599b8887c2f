from django.utils.translation import gettext_lazy as _

from shopops.collaboration.telling import MENTIONED, WRITTEN
from shopops.notifications.kinds import DIGEST, NOW, Kind

KINDS = [
    Kind(MENTIONED, _("You are mentioned in a comment"), _("You are mentioned in a comment"), NOW, "message"),
    Kind(
        WRITTEN,
        _("A comment on a record you follow"),
        _("A new comment on a record you follow"),
        DIGEST,
        "messages",
    ),
]
