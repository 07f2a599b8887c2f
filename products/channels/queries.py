from typing import TYPE_CHECKING, Self

from django.db import models

from shopops.access.scopes import in_channels

if TYPE_CHECKING:
    from products.channels.models import Channel  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, user: "User") -> Self:
        return self.seen_by(user, "channels.view")

    def seen_by(self, user: "User", permission: str) -> Self:
        """Those in which this person has ``permission``."""
        return in_channels(self, user, permission, channel="pk")

    def leave_demo_out(self) -> bool:
        """Say whether a real channel has data: from then on the demo's rows count nowhere and are shown on demand."""
        return self.model.objects.filter(is_demo=False, data_through__isnull=False).exists()

    def counted(self) -> Self:
        """Those whose figures count: the demo's only while no real channel has data."""
        return self.filter(is_demo=False) if self.leave_demo_out() else self

    def selling_daily(self) -> Self:
        """Counted, active ones that sell every day: each owes data for each day."""
        return self.counted().filter(is_active=True, sells_daily=True)

    def for_list(self) -> Self:
        """By code; a store has a handful of channels."""
        return self.order_by("code")
