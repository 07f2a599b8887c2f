"""The order's states and which may follow which (handbook: orders)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    UNPAID = "unpaid", _("Waiting for payment")
    DEPOSIT_PAID = "deposit_paid", _("Deposit paid")
    PAID = "paid", _("To ship")
    HELD = "held", _("On hold")
    APPROVED = "approved", _("Approved")
    IN_WAVE = "in_wave", _("Picking")
    PACKED = "packed", _("Packed")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    INTERCEPTING = "intercepting", _("Intercepting")
    FINISHED = "finished", _("Finished")
    CLOSED_UNPAID = "closed_unpaid", _("Closed, never paid")
    CLOSED_DEPOSIT = "closed_deposit", _("Closed, deposit kept")
    CLOSED_REFUNDED = "closed_refunded", _("Closed, refunded")
    UNKNOWN = "unknown", _("Unknown")


RANK: Final[dict[str, int]] = {state: rank for rank, state in enumerate(State.values)}
