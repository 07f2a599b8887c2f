from collections.abc import Mapping

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from shopops.notifications.kinds import DIGEST, NOW, Kind


def _overdue(values: Mapping[str, object]) -> str:
    chosen = urlencode({"tab": "to_ship", "overdue": 1, "channel": values.get("code", "")})
    return f"{reverse('orders:list')}?{chosen}"


KINDS = [
    Kind(
        "imports.done",
        _("Your import is finished"),
        _("Imported: %(file)s, %(new)s new, %(changed)s changed"),
        icon="file-import",
        permission="orders.import",
    ),
    Kind(
        "imports.refused",
        _("Your import was refused"),
        _("Refused, nothing of it is counted: %(file)s"),
        NOW,
        "alert-triangle",
        permission="orders.import",
    ),
    Kind(
        "imports.broken",
        _("Your import broke off"),
        _("Broke off, nothing of it is counted: %(file)s"),
        NOW,
        "alert-triangle",
        permission="orders.import",
    ),
    Kind(
        "orders.overdue",
        _("Orders past their time to ship"),
        _("%(channel)s: orders past their time to ship: %(orders)s"),
        DIGEST,
        "clock",
        permission="orders.view",
        adds=("orders",),
        link=_overdue,
    ),
]
