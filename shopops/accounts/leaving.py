from django.utils.translation import gettext_lazy as _

from shopops.accounts.leavers import OpenItem
from shopops.accounts.models import User
from shopops.approvals import services
from shopops.approvals.models import Approval, Decider
from shopops.history.actor import acting


def _asked(user: User) -> int:
    return Approval.objects.filter(asked_by=user, state=Approval.State.OPEN).count()


def _withdraw(user: User, _to: User, by: User) -> int:
    """Withdraw what somebody asked: another person asks anew in their own name."""
    return services.withdraw_all(user, by=by)


def _decides(user: User) -> int:
    return Decider.objects.filter(user=user).count()


def _drop(user: User, _to: User, by: User) -> int:
    """End that somebody decides by name; whom to name instead is asked for on the page of deciders."""
    with acting(by):
        return Decider.objects.filter(user=user).delete()[0]


ITEMS = [
    OpenItem(_("Open requests (withdrawn)"), _asked, _withdraw),
    OpenItem(_("Named to decide requests (ended)"), _decides, _drop),
]
