from django.http import HttpResponse
from django.shortcuts import render

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.metrics.registry import metrics


@access(STAFF, ["GET"])
def dictionary(request: StaffRequest) -> HttpResponse:
    """The metric dictionary: how each figure is computed."""
    return render(request, "shopops/metrics/page.html", {"metrics": metrics().values()})
