"""The order's states and which may follow which (handbook 4 §5)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    UNPAID = "unpaid", _("Waiting for payment")
    DEPOSIT_PAID = "deposit_paid", _("Deposit paid")
    PAID = "paid", _("To ship")
    HELD = "held", _("On hold")
    APPROVED = "approved", pgettext_lazy("order", "Approved")
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


MOVES: Final[dict[State, frozenset[State]]] = {
    State.UNPAID: frozenset({State.PAID, State.CLOSED_UNPAID}),
    State.DEPOSIT_PAID: frozenset({State.PAID, State.CLOSED_DEPOSIT}),
    State.PAID: frozenset({State.APPROVED, State.HELD, State.CLOSED_REFUNDED}),
    State.HELD: frozenset({State.PAID, State.CLOSED_REFUNDED}),
    State.APPROVED: frozenset({State.IN_WAVE, State.HELD, State.PAID, State.CLOSED_REFUNDED}),
    State.IN_WAVE: frozenset({State.PACKED, State.APPROVED, State.HELD}),
    State.PACKED: frozenset({State.SHIPPED, State.PARTLY_SHIPPED, State.APPROVED}),
    State.PARTLY_SHIPPED: frozenset({State.SHIPPED, State.CLOSED_REFUNDED}),
    State.SHIPPED: frozenset({State.FINISHED, State.INTERCEPTING, State.CLOSED_REFUNDED}),
    State.INTERCEPTING: frozenset({State.SHIPPED, State.CLOSED_REFUNDED}),
    State.FINISHED: frozenset({State.CLOSED_REFUNDED}),
}


class OwnFlag(models.TextChoices):
    """The store's own flags of an order: a colour with its meaning."""

    RED = "red", _("Urgent")
    AMBER = "amber", pgettext_lazy("flag", "Waits for the buyer")
    BLUE = "blue", pgettext_lazy("flag", "Follow up")
    GREEN = "green", pgettext_lazy("flag", "Settled")
    VIOLET = "violet", _("Important buyer")


# How far an order is on its platform. What happens inside the house between payment and shipment is
# one step to a platform, so such states are equal and a file never undoes them.
RANK: Final[dict[str, int]] = {
    State.UNKNOWN: 0,
    State.UNPAID: 1,
    State.DEPOSIT_PAID: 2,
    State.CLOSED_UNPAID: 3,
    State.CLOSED_DEPOSIT: 3,
    State.PAID: 4,
    State.HELD: 4,
    State.APPROVED: 4,
    State.IN_WAVE: 4,
    State.PACKED: 4,
    State.PARTLY_SHIPPED: 5,
    State.SHIPPED: 6,
    State.INTERCEPTING: 6,
    State.FINISHED: 7,
    State.CLOSED_REFUNDED: 8,
}

CLOSED_STATES: Final = (State.CLOSED_UNPAID, State.CLOSED_DEPOSIT, State.CLOSED_REFUNDED)


def may_become(state: str, wanted: str) -> bool:
    """Say whether staff may move an order from ``state`` to ``wanted``; all that is not listed is refused."""
    return wanted in MOVES.get(State(state), frozenset())


def further(state: str, told: str) -> str:
    """Return the state after a platform says ``told``: it may jump forward over steps, never back.

    Of two states equally far (PAID told about a PACKED order) ours stays.
    """
    return told if RANK[told] > RANK[state] else state
