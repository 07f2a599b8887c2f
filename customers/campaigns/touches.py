"""Which campaign an order is credited to: bookkeeping, **not** the campaign's effect (handbook 3 §6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy


class Touch(models.TextChoices):
    """Ways a campaign reaches somebody; the stronger first."""

    CLICK = "click", pgettext_lazy("touch", "Click")
    DELIVERED = "delivered", pgettext_lazy("touch", "Delivery")


LOOK_BACK: Final = {Touch.CLICK: timedelta(days=7), Touch.DELIVERED: timedelta(days=3)}


@dataclass(frozen=True)
class Touched:
    """One touch; programs that follow links and members held out are no touch at all."""

    touch: Touch
    at: datetime
    campaign: int
    is_bot: bool = False
    is_held_out: bool = False


def touch_attribution(ordered_at: datetime, touches: Iterable[Touched]) -> Touched | None:
    """Return the touch an order is credited to, one at most: clicks of seven days before deliveries of three.

    Then the latest, then the higher campaign. A touch at the moment of the order came too late.
    """
    counted = [
        touched
        for touched in touches
        if not touched.is_bot
        and not touched.is_held_out
        and touched.at < ordered_at <= touched.at + LOOK_BACK[touched.touch]
    ]
    return max(counted, key=lambda touched: (touched.touch == Touch.CLICK, touched.at, touched.campaign), default=None)
