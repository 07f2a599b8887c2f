"""How long ended work is remembered."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from shopops.jobs.models import Job
from shopops.privacy.keeping import Retention

AT_ONCE = 500


def remove_ended(before: datetime) -> int:
    """Delete ended jobs nothing names any more; return how many."""
    removed, after = 0, 0
    ended = Job.objects.filter(finished_at__lt=before, state__in=("done", "failed", "cancelled")).order_by("pk")
    while ids := list(ended.filter(pk__gt=after).values_list("pk", flat=True)[:AT_ONCE]):
        after = ids[-1]
        for pk in _unnamed(ids):
            try:
                with transaction.atomic():
                    removed += Job.objects.filter(pk=pk).delete()[0]
            except ProtectedError:  # named since
                continue
    return removed


def _unnamed(ids: list[int]) -> list[int]:
    """Return those no row of another table names."""
    named: set[int] = set()
    for relation in Job._meta.related_objects:
        rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": ids})
        named.update(rows.values_list(relation.field.attname, flat=True))
    return [pk for pk in ids if pk not in named]


RULES = [
    Retention(
        "jobs",
        _("Ended jobs"),
        _("What workers did and how it ended. Imports keep theirs."),
        _("security of operation (Cybersecurity Law Art. 21: logs of six months)"),
        365,
        least_days=183,
        sweep=remove_ended,
    )
]
