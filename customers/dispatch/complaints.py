"""When complaints stop sending by mail (handbook 3 §5.2; mailboxes refuse senders from 0.3 %)."""

from decimal import Decimal
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

WARN_AT: Final = Decimal("0.001")
STOP_AT: Final = Decimal("0.003")


class Reputation(models.TextChoices):
    GOOD = "good", pgettext_lazy("complaints", "Fine")
    WARN = "warn", pgettext_lazy("complaints", "Close to the limit")
    STOP = "stop", pgettext_lazy("complaints", "Sending stopped")


def reputation(complained: int, delivered: int) -> Reputation:
    """Return what a share of complaints among delivered mails means: a warning at 0.1 %, the end at 0.3 %.

    Complaints where nothing was delivered stop sending too.
    """
    if complained >= STOP_AT * delivered and complained:
        return Reputation.STOP
    return Reputation.WARN if complained >= WARN_AT * delivered and complained else Reputation.GOOD
