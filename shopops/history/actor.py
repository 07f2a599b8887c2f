"""Who is acting: every write to business tables happens inside :func:`acting`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

if TYPE_CHECKING:
    from shopops.accounts.models import User


class System:
    """The program itself: nightly jobs, sweepers, set-up."""

    pk = 0


SYSTEM: Final = System()
request_id: ContextVar[str] = ContextVar("request_id", default="")
_acting: ContextVar[tuple[int, str] | None] = ContextVar("acting", default=None)


@contextmanager
def acting(by: "User | System", *, source: str = "") -> Iterator[None]:
    """Open one transaction in which the history names ``by`` as the one who did it.

    ``source`` names the batch or job behind the change ("import:12"). Nested calls join the
    outer transaction, and its source when they are by the same and name none; an inner call by
    somebody else is named for its own statements only.
    """
    outer = _acting.get()
    who = (by.pk, source or (outer[1] if outer and outer[0] == by.pk else ""))
    with transaction.atomic():
        if outer != who:
            _name(who)
        token = _acting.set(who)
        try:
            yield
        finally:
            _acting.reset(token)
            if outer is not None and outer != who and not connection.needs_rollback:
                _name(outer)


def _name(who: tuple[int, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('shopops.actor', %s, true), set_config('shopops.request', %s, true),"
            " set_config('shopops.source', %s, true)",
            [str(who[0]), request_id.get(), who[1]],
        )
