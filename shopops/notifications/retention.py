"""How long people find what they were told."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from shopops.notifications.models import Fault, Notification
from shopops.privacy.keeping import Retention


def remove_old(before: datetime) -> int:
    """Delete older notifications, read or not, and the memory of faults told; return how many."""
    return Notification.objects.filter(at__lt=before).delete()[0] + Fault.objects.filter(at__lt=before).delete()[0]


RULES = [
    Retention(
        "notifications",
        _("Notifications"),
        _("What staff were told: kinds, numbers and links, without personal data."),
        _("needed to do the work (PIPL Art. 13)"),
        90,
        least_days=7,
        sweep=remove_old,
    )
]
