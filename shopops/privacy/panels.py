"""What privacy needs of people: a night's clearing that failed."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.dashboard.board import Board
from shopops.dashboard.registry import Need, Needs
from shopops.privacy.models import KeepRun

LATELY = timedelta(days=2)


def failed_nights(board: Board) -> Iterable[Need]:
    """Classes of data the last nights could not clear."""
    failed = KeepRun.objects.filter(at__gte=board.now - LATELY).exclude(error="")
    if count := failed.values("code").distinct().count():
        since = failed.aggregate(first=Min("at"))["first"]
        yield Need(
            "keeping_failed", _("Data past their days could not be removed"), count, since, "administrator",
            reverse("privacy:keeping"),
        )  # fmt: skip


NEEDS = [Needs("privacy.change", failed_nights)]
