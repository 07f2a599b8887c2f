from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from shopops.access.scopes import is_limited

if TYPE_CHECKING:
    from analytics.reports.models import Report  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: "User") -> Self:
        """Reports add every channel up: who sees only some sees none."""
        seen = user.has_perm("reports.view") and not is_limited(user, "reports.view")
        return self if seen else self.none()

    def open(self) -> Self:
        """Never made, or outdated by a later import; oldest first. Served by ``report_open``."""
        return self.filter(Q(state="due") | Q(stale_since__isnull=False)).order_by("day")

    def waiting_since(self, moment: datetime) -> Self:
        """Owed since before ``moment`` and not made."""
        return self.filter(state="due", created_at__lt=moment)
