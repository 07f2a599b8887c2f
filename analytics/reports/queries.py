from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from analytics.reports.models import Report  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: "User") -> Self:
        return self if user.has_perm("reports.view") else self.none()

    def open(self) -> Self:
        """Never made, or outdated by a later import; oldest first. Served by ``report_open``."""
        return self.filter(Q(state="due") | Q(stale_since__isnull=False)).order_by("day")

    def waiting_since(self, moment: datetime) -> Self:
        """Owed since before ``moment`` and not made."""
        return self.filter(state="due", created_at__lt=moment)
