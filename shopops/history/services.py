"""What people looked at: each revealed personal field is a row of the history, with its reason."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

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


def note_reveal(record: Model, field: str, *, reason: str, by: "User") -> Change:
    """Record that ``by`` saw a personal field of ``record``. Raises Refused without a reason, TooManyReveals."""
    reason = reason.strip()[:200]
    if len(reason) < 2:
        raise Refused(_("Say what you need it for."))
    source, now = f"reveal:{by.pk}", clock.now()
    if Change.objects.filter(source=source, at__gt=now - timedelta(hours=1)).count() >= REVEALS_AN_HOUR:
        raise TooManyReveals(
            _("You have looked at %(count)s fields within an hour. Wait a while.") % {"count": REVEALS_AN_HOUR}
        )
    return Change.objects.create(
        at=now,
        table_name=record._meta.db_table,
        row_id=record.pk,
        op="reveal",
        changes={field: reason},
        actor=by,
        request_id=request_id.get(),
        source=source,
    )
