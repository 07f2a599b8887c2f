"""How long it is remembered who took which files along."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from shopops.exchange.models import Export
from shopops.history.actor import SYSTEM, acting
from shopops.privacy.keeping import Retention


def remove_exports(before: datetime) -> int:
    """Forget older files; that they were taken along stays in the history."""
    with acting(SYSTEM, source="retention:exports"):
        return Export.objects.filter(at__lt=before).delete()[0]


RULES = [
    Retention(
        "exports",
        _("Register of files taken along"),
        _("Who took which list, report or copy along; never what stood in it. The files themselves are not kept."),
        _("audit of access to personal data (PIPL Art. 51, 54; network logs of six months)"),
        1096,
        least_days=183,
        sweep=remove_exports,
    )
]
