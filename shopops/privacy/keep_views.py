"""The page of how long what is kept, and the form that changes it."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.declare import StaffRequest, access, may
from shopops.errors import Refused
from shopops.history.queries import changes_of
from shopops.privacy import keeping
from shopops.privacy.forms import KeepForm
from shopops.privacy.models import KeepDays
from shopops.ui import formats
from shopops.ui.pages import form_page, saved
from shopops.ui.timeline import timeline


@access("privacy.view", methods=("GET",))
def rules(request: StaffRequest) -> HttpResponse:
    """Show each class of data: why and how long it is kept, and what the last night removed."""
    days, runs = keeping.days_of(), keeping.latest()
    changes = may(request.user, "privacy.change")
    lines = []
    for code, rule in keeping.rules().items():
        run = runs.get(code)
        lines.append(
            {
                "label": rule.label,
                "what": rule.what,
                "basis": rule.basis,
                "days": _("%(days)s days") % {"days": formats.number(days[code])} if rule.sweep else _("for good"),
                "url": reverse("privacy:keep", args=[code]) if changes and rule.sweep else "",
                "run": formats.moment(run.at) if run else "",
                "removed": formats.number(run.removed) if run else "",
                "error": run.error if run else "",
            }
        )
    context = {
        "title": _("How long data are kept"),
        "lines": lines,
        "next": formats.moment(_next_night()),
        "events": timeline(changes_of(*KeepDays.objects.all())),
    }
    return render(request, "shopops/privacy/keeping.html", context)


def _next_night() -> datetime:
    return clock.day_range(clock.today() + timedelta(days=1))[0]


@access("privacy.change")
def keep(request: StaffRequest, code: str) -> HttpResponse:
    """Change how many days one class of data is kept."""
    rule = keeping.rules().get(code)
    if rule is None or rule.sweep is None:
        raise Http404
    back = reverse("privacy:keeping")
    form = KeepForm(request.POST or None, rule=rule, days=keeping.days_of()[code])
    if form.is_valid():
        try:
            keeping.keep(code, form.cleaned_data["days"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return saved(request, _("Saved. It holds from the next night on."), back, form=form)
    more: dict[str, Any] = {"intro": f"{rule.what} {_('Legal basis')}: {rule.basis}"}
    return form_page(request, form, title=str(rule.label), back=back, **more)
