from collections.abc import Iterator

from django.db.models import Count, Min
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analytics.reports import services
from analytics.reports.lines import five_lines
from analytics.reports.models import Report, Revision
from shopops.dashboard.board import Board
from shopops.dashboard.registry import DASHBOARD, HOME, Need, Needs, Panel


def late(board: Board) -> Iterator[Need]:
    """Reports that are past 06:00 of the next morning and not made."""
    owed = Report.objects.filter(state=Report.State.DUE, day__lt=board.today)
    if board.now < services.latest(board.today.fromordinal(board.today.toordinal() - 1)):
        owed = owed.filter(day__lt=board.today.fromordinal(board.today.toordinal() - 1))
    found = owed.aggregate(count=Count("pk"), first=Min("day"))
    if found["count"]:
        words = ngettext("%(count)s nightly report is late", "%(count)s nightly reports are late", found["count"])
        url = f"{reverse('reports:list')}?month={found['first']:%Y-%m}"
        yield Need("reports", words % found, found["count"], services.latest(found["first"]), "analyst", url, "bad")


def newest(board: Board) -> str:
    """The newest report in five lines."""
    seen = Report.objects.visible_to(board.user)
    revision = (
        Revision.objects.filter(report__in=seen).select_related("report").order_by("-report__day", "-number").first()
    )
    if revision is None:
        return ""
    context = {"revision": revision, "lines": five_lines(revision.figures)}
    return render_to_string("analytics/reports/_newest.html", context)


PANELS = [Panel("report", _("Newest report"), "reports.view", "analysis", (DASHBOARD, HOME), 50, newest, 12)]
NEEDS = [Needs("reports.view", late)]
