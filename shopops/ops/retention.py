"""How long unsent mails are kept."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from shopops.ops.models import Mail
from shopops.privacy.keeping import Retention


def remove_mails(before: datetime) -> int:
    """Delete older mails of the outbox; return how many."""
    return Mail.objects.filter(created_at__lt=before).delete()[0]


RULES = [
    Retention(
        "mails",
        _("Mails that were not sent"),
        _("The outbox of an installation without a mail server."),
        _("needed to do the work (PIPL Art. 13)"),
        90,
        sweep=remove_mails,
    )
]
