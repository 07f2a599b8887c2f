"""What people looked at: each revealed personal field is a row of the history, with its reason."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import request_id
from shopops.history.models import Change

if TYPE_CHECKING:
    from shopops.accounts.models import User

REVEALS_AN_HOUR: Final = 60


class TooManyReveals(Refused):
    """Somebody looked at as many personal fields as an hour allows."""


def note(
    record: Model | type[Model], op: str, changes: dict[str, object], *, by: "User", source: str = "", pk: int = 0
) -> Change:
    """Write into the history what somebody did that changed nothing: looked, took along, saw as a role."""
    return Change.objects.create(
        at=clock.now(),
        table_name=record._meta.db_table,
        row_id=record.pk if isinstance(record, Model) else pk,
        op=op,
        changes=changes,
        actor=by,
        request_id=request_id.get(),
        source=source,
    )


def reveals_of_hour(by: "User") -> int:
    """Return how many personal fields somebody has looked at within the last hour."""
    since = clock.now() - timedelta(hours=1)
    return Change.objects.filter(source=f"reveal:{by.pk}", at__gt=since).count()


def note_reveal(record: Model, field: str, *, reason: str, by: "User") -> Change:
    """Record that ``by`` saw a personal field of ``record``. Raises Refused without a reason, TooManyReveals."""
    reason = reason.strip()[:200]
    if len(reason) < 2:
        raise Refused(_("Say what you need it for."))
    source = f"reveal:{by.pk}"
    with transaction.atomic():
        with connection.cursor() as cursor:  # one at a time, or many at once would pass the limit together
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [source])
        if reveals_of_hour(by) >= REVEALS_AN_HOUR:
            raise TooManyReveals(
                _("You have looked at %(count)s fields within an hour. Wait a while.") % {"count": REVEALS_AN_HOUR}
            )
        return note(record, "reveal", {field: reason}, by=by, source=source)
