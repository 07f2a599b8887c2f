"""Whether this installation may send: to customers, to colleagues, to anybody outside (promise P17).

A database remembers where it lives. Brought elsewhere (restored from a backup, copied to a test
machine) it finds another place, and nothing leaves until an administrator says that this is the
store. What would have been mailed meanwhile is on the outbox page and stays there.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.ops.models import Installation

if TYPE_CHECKING:
    from shopops.accounts.models import User

ONLY: int = 1  # the one row


@dataclass(frozen=True)
class Sending:
    """Whether messages may leave; ``stopped`` says what stops them: "" nothing, "copy" or "paused"."""

    stopped: Literal["", "copy", "paused"]
    since: datetime | None = None
    by: str = ""

    @property
    def allowed(self) -> bool:
        return not self.stopped


@cache
def place() -> str:
    """Return where this database lives, as a hash: its server, itself, and the store it is used by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()),"
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        server, database = cursor.fetchone()
    store = settings.SITE_URL if settings.SECURE else str(settings.VAR_DIR)
    return hashlib.sha256(f"{server} {database} {store}".encode()).hexdigest()


def state() -> Sending:
    """Return whether messages may leave this installation; one query."""
    row = Installation.objects.select_related("changed_by").filter(pk=ONLY).first()
    if row is None or row.place != place():
        return Sending("copy", row.changed_at if row else None)
    by = str(row.changed_by) if row.changed_by else ""
    return Sending("" if row.sends else "paused", row.changed_at, by)


def recognise() -> None:
    """Let a new database remember where it lives; one that knows a place already is left as it is."""
    if not Installation.objects.filter(pk=ONLY).exists():
        with acting(SYSTEM):
            Installation.objects.create(pk=ONLY, place=place(), sends=True, changed_at=clock.now())


def change(*, sends: bool, by: "User") -> None:
    """Let this installation send, or stop it. Raises Refused where it is so already."""
    with acting(by):
        row = Installation.objects.select_for_update().filter(pk=ONLY).first() or Installation(pk=ONLY)
        here = row.place == place()
        if here and row.sends == sends:
            raise Refused(_("It is so already.") if sends else _("Sending is stopped already."))
        row.place, row.sends, row.changed_by, row.changed_at = place(), sends, by, clock.now()
        row.save()
