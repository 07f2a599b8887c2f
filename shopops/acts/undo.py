"""A single save and its undoing: once, by the same person, within 30 seconds, unless somebody saved since."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shopops import clock
from shopops.acts.kinds import undoables
from shopops.acts.models import Act
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.history.models import Change
from shopops.history.versions import WRITES, Conflict

if TYPE_CHECKING:
    from shopops.accounts.models import User

KEPT: Final = timedelta(seconds=30)
FORGOTTEN: Final = timedelta(days=1)


class CannotUndo(Refused):
    """The act cannot be undone; the sentence says why."""


@contextmanager
def undoable(kind: str, *, by: "User", url: str = "") -> Iterator[Act]:
    """Do inside what may be undone: its history rows are named by the act.

    Where nothing was changed there is nothing to undo: the act is gone (``pk`` is None).
    """
    with acting(by):
        act = Act.objects.create(kind=kind, by=by, at=clock.now(), url=url)
        with acting(by, source=act.source):
            yield act
        if not _changes(act).exists():
            act.delete()


def _changes(act: Act) -> QuerySet[Change]:
    return Change.objects.filter(source=act.source, op__in=WRITES).select_related("actor").order_by("pk")


def undo(act_id: int, *, by: "User") -> Act:
    """Put back what one's own act changed. Raises Act.DoesNotExist for another's, CannotUndo."""
    with transaction.atomic():
        act = Act.objects.select_for_update().get(pk=act_id, by=by, job=None)
        kind = undoables()[act.kind]
        if act.undone_at is not None:
            raise CannotUndo(_("This was undone already."))
        if clock.now() - act.at > KEPT:
            raise CannotUndo(_("Too late: this could be undone for %(seconds)s seconds.") % {"seconds": KEPT.seconds})
        if not by.has_perm(kind.permission):
            raise CannotUndo(_("You may not do this any more."))
        try:
            with acting(by, source=f"undo-act:{act.pk}"):
                kind.restore(list(_changes(act)), by)
        except Conflict as conflict:
            who = conflict.clashes[0].actor if conflict.clashes else None
            raise CannotUndo(
                _("%(who)s changed it since; it stays as it is.") % {"who": who or _("The system")}
            ) from conflict
        act.undone_at = clock.now()
        act.save(update_fields=["undone_at"])
    return act


def forget(*, now: datetime) -> None:
    """Drop single acts nobody can undo any more; served by ``act_single``."""
    Act.objects.filter(job=None, at__lt=now - FORGOTTEN).delete()
