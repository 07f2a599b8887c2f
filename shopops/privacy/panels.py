"""What the desk needs of people: requests near their day, and a night's clearing that failed."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops import clock
from shopops.dashboard.board import Board
from shopops.dashboard.registry import Need, Needs
from shopops.privacy.models import KeepRun, Request
from shopops.privacy.requests import pressing

LATELY = timedelta(days=2)


def pressing_requests(board: Board) -> Iterable[Need]:
    """Requests past their deadline, or within three days of it; served by ``request_open``."""
    rows = pressing(Request.objects.all())
    late = rows.filter(due_day__lt=clock.store_day(board.now))
    url = f"{reverse('privacy:list')}?tab=late"
    if count := late.count():
        since = late.aggregate(first=Min("created_at"))["first"]
        yield Need(
            "privacy_late", _("Data requests past their legal deadline: answer them today"), count, since,
            "service_lead", url, "bad",
        )  # fmt: skip
    elif count := rows.count():
        since = rows.aggregate(first=Min("created_at"))["first"]
        yield Need("privacy_near", _("Data requests due within three days"), count, since, "service_lead", url)


def failed_nights(board: Board) -> Iterable[Need]:
    """Classes of data the last nights could not clear."""
    failed = KeepRun.objects.filter(at__gte=board.now - LATELY).exclude(error="")
    if count := failed.values("code").distinct().count():
        since = failed.aggregate(first=Min("at"))["first"]
        yield Need(
            "keeping_failed", _("Data past their days could not be removed"), count, since, "administrator",
            reverse("privacy:keeping"),
        )  # fmt: skip


NEEDS = [
    Needs("privacy.view", pressing_requests),
    Needs("privacy.change", failed_nights),
]
