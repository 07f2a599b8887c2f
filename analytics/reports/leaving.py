"""What somebody who leaves has open here: their subscription to the nightly report."""

from django.utils.translation import gettext_lazy as _

from analytics.reports.models import Mailing, Subscription
from shopops.accounts.leavers import OpenItem
from shopops.accounts.models import User


def count(user: User) -> int:
    return Subscription.objects.filter(user=user).count()


def hand_over(user: User, to: User, by: User) -> int:
    """Subscribe ``to`` instead where they may; mails not sent yet go to nobody who left."""
    Mailing.objects.filter(user=user, state=Mailing.State.PENDING).delete()
    ended, _rows = Subscription.objects.filter(user=user).delete()
    if ended and to.has_perm("reports.subscribe"):
        Subscription.objects.get_or_create(user=to)
    return ended


ITEMS = [OpenItem(_("Subscriptions to the report"), count, hand_over)]
