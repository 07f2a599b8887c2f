"""Whether this installation may send: to customers, to colleagues, to anybody outside (promise P17).

A database remembers where it lives. Brought elsewhere (restored from a backup, copied to a test
machine) it finds another place, and nothing leaves until an administrator says that this is the
store. What would have been mailed meanwhile is on the outbox page and stays there.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from django.conf import settings
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.ops.models import Installation

if TYPE_CHECKING:
    from shopops.accounts.models import User

ONLY: Final = 1  # the one row
_SERVER: Final = "SELECT system_identifier FROM pg_control_system()"
_DATABASE: Final = "SELECT oid::bigint FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Sending:
    """Whether messages may leave; ``stopped`` says what stops them: "" nothing, "copy" or "paused"."""

    stopped: Literal["", "copy", "paused"]
    since: datetime | None = None
    by: str = ""

    @property
    def allowed(self) -> bool:
        return not self.stopped


def place() -> str:
    """Return where this database lives, as a hash: its server, itself, and the store it is used by."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({_SERVER}), ({_DATABASE})")
        return _hash(*cursor.fetchone())


def _hash(server: int, database: int) -> str:
    store = settings.SITE_URL if settings.SECURE else str(settings.VAR_DIR)
    return hashlib.sha256(f"{server} {database} {store}".encode()).hexdigest()


def state() -> Sending:
    """Return whether messages may leave this installation; one query."""
    here = {"server": RawSQL(f"({_SERVER})", []), "database": RawSQL(f"({_DATABASE})", [])}  # noqa: S611 - constants
    rows = Installation.objects.filter(pk=ONLY).annotate(**here)
    row = rows.values_list("place", "sends", "changed_at", "changed_by__full_name", "server", "database").first()
    if row is None:
        return Sending("copy")
    home, sends, since, by, server, database = row
    if home != _hash(server, database):
        return Sending("copy", since)
    return Sending("" if sends else "paused", since, by or "")


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
