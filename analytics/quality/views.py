from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from analytics.quality import services
from products.channels.models import Channel
from products.sales.gaps import gaps
from shopops import clock
from shopops.access.declare import StaffRequest, access

LOOK_BACK = 35  # days


@access("quality.view", ["GET"])
def checks(request: StaffRequest) -> HttpResponse:
    """What the nightly checks found, and the days without orders."""
    today = clock.today()
    first = today.fromordinal(today.toordinal() - LOOK_BACK)
    context = {
        "title": _("Data quality"),
        "run": services.newest(services.ROLLUPS),
        "gaps": gaps(first, today.fromordinal(today.toordinal() - 1)),
        "titles": dict(Channel.objects.values_list("code", "title")),
    }
    return render(request, "analytics/quality/list.html", context)
