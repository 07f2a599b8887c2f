from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.acts.models import Act  # noqa: F401 - mypy reads it in the quotes below


class ActQuerySet(models.QuerySet["Act"]):
    def visible_to(self, user: "User") -> Self:
        """One's own, and bulk acts of kinds one might do oneself."""
        from shopops.acts.kinds import bulk_kinds  # noqa: PLC0415 - the topics' registrations load their models

        codes = [item.code for item in bulk_kinds().values() if user.has_perm(item.permission)]
        return self.filter(models.Q(by=user) | models.Q(job__isnull=False, kind__in=codes))
