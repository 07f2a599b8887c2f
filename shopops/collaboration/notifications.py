from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shopops.collaboration.following import CHANGED, CHANGED_MANY, names_of
from shopops.collaboration.telling import MENTIONED, WRITTEN
from shopops.notifications.kinds import DIGEST, NOW, Kind


def _fields(values: Mapping[str, object]) -> dict[str, object]:
    columns = values["columns"]
    return {"fields": names_of(columns if isinstance(columns, list) else [])}


KINDS = [
    Kind(MENTIONED, _("You are mentioned in a comment"), _("You are mentioned in a comment"), NOW, "message"),
    Kind(
        WRITTEN,
        _("A comment on a record you follow"),
        _("A new comment on a record you follow"),
        DIGEST,
        "messages",
    ),
    Kind(
        CHANGED,
        _("A change of a record you follow"),
        _("Changed on a record you follow: %(fields)s"),
        DIGEST,
        "pencil",
        gathers=("columns",),
        words=_fields,
    ),
    Kind(
        CHANGED_MANY,
        _("Records you follow, changed with many others"),
        _("Records you follow that an import or an act over many rows changed: %(records)s"),
        DIGEST,
        "history",
        adds=("records",),
        place="collaboration:mine",
    ),
]
