from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from analytics.quality import services
from analytics.quality.models import CheckRun
from products.channels.models import Channel
from products.sales.gaps import gaps
from shopops import clock
from shopops.access.declare import StaffRequest, access
from shopops.access.scopes import is_limited
from shopops.accounts.models import User

LOOK_BACK = 35  # days


def _seen(run: CheckRun | None, titles: dict[str, str], user: User) -> CheckRun | None:
    """Leave of a check's result what is of the channels this person sees."""
    if run is not None and is_limited(user, "quality.view"):
        run.found = [row for row in run.found if row["channel"] in titles]
        run.count = len({(row["channel"], row["day"]) for row in run.found})
    return run


@access("quality.view", ["GET"])
def checks(request: StaffRequest) -> HttpResponse:
    """What the nightly checks found, and the days without orders."""
    today = clock.today()
    first = today.fromordinal(today.toordinal() - LOOK_BACK)
    seen = Channel.objects.seen_by(request.user, "quality.view")
    titles = dict(seen.values_list("code", "title"))
    context = {
        "title": _("Data quality"),
        "run": _seen(services.newest(services.ROLLUPS), titles, request.user),
        "gaps": [gap for gap in gaps(first, today.fromordinal(today.toordinal() - 1)) if gap.channel.code in titles],
        "titles": titles,
    }
    return render(request, "analytics/quality/list.html", context)
