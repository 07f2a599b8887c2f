from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.notifications.models import Notification  # noqa: F401 - the class of rows below


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: "User") -> Self:
        """Everybody's notifications are their own."""
        return self.filter(user=user)

    def unread(self, now: datetime) -> Self:
        """Not seen and not snoozed; served by the partial index ``notification_once_while_unread``."""
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now), seen_at=None)

    def snoozed(self, now: datetime) -> Self:
        return self.filter(seen_at=None, snoozed_until__gt=now)
