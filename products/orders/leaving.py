"""What somebody who leaves has open here: files they checked and did not import yet."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from shopops.accounts.leavers import OpenItem
from shopops.accounts.models import User
from shopops.exchange.models import ImportBatch

OPEN = (
    ImportBatch.State.WAITING,
    ImportBatch.State.CHECKING,
    ImportBatch.State.CHECKED,
    ImportBatch.State.IMPORTING,
    ImportBatch.State.INTERRUPTED,
)


def _open(user: User) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(created_by=user, state__in=OPEN)


def count(user: User) -> int:
    return _open(user).count()


def hand_over(user: User, to: User, by: User) -> int:
    """Make them the files of ``to``, who finishes or drops them."""
    return _open(user).update(created_by=to)


ITEMS = [OpenItem(_("Imports not finished"), count, hand_over)]
