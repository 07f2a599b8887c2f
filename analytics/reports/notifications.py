from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _

from shopops.notifications.kinds import DIGEST, NOW, Kind
from shopops.ui import formats


def _words(values: Mapping[str, object]) -> dict[str, object]:
    try:
        return {"day": formats.day(date.fromisoformat(str(values["day"])))}
    except (KeyError, ValueError):
        return {}


KINDS = [
    Kind(
        "reports.late",
        _("A nightly report is late"),
        _("The nightly report of %(day)s is late"),
        NOW,
        "report-analytics",
        permission="reports.make",
        words=_words,
    ),
    Kind(
        "reports.restated",
        _("A nightly report was restated"),
        _("Figures of %(day)s have changed: data came late"),
        DIGEST,
        "report-analytics",
        permission="reports.make",
        words=_words,
    ),
]
