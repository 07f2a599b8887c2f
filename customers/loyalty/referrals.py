"""When a customer's recommendation counts (handbook 3 §4)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import pgettext_lazy

PAID_WITHIN: Final = 30  # days after the referral
REFUND_DAYS: Final = 15  # after the order is finished


class State(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("referral", "Waiting")
    SUCCESSFUL = "successful", pgettext_lazy("referral", "Successful")
    SELF_REFERRAL = "self_referral", pgettext_lazy("referral", "Recommended themselves")
    NOT_NEW = "not_new", pgettext_lazy("referral", "Had bought before")
    VOID = "void", pgettext_lazy("referral", "Refunded")
    EXPIRED = "expired", pgettext_lazy("referral", "Bought too late or not at all")


@dataclass(frozen=True)
class FirstOrder:
    """The new person's first paid order."""

    paid: date
    finished: date | None = None
    is_fully_refunded: bool = False


@dataclass(frozen=True)
class Referral:
    """One person named by another; ``is_same_person`` where phone or address are the referrer's own."""

    on: date
    is_same_person: bool = False
    has_bought_before: bool = False
    first_order: FirstOrder | None = None


class Outcome(NamedTuple):
    """The state, and the day from which on a successful one counts."""

    state: State
    since: date | None = None


def referral(case: Referral, as_of: date) -> Outcome:
    """Return where a referral stands on a day: successful from the day after the refund window closed."""
    if case.is_same_person:
        return Outcome(State.SELF_REFERRAL)
    if case.has_bought_before:
        return Outcome(State.NOT_NEW)
    last = case.on + timedelta(days=PAID_WITHIN)
    order = case.first_order
    if order is None or order.paid > as_of:
        return Outcome(State.EXPIRED if as_of > last else State.WAITING)
    if order.paid > last:
        return Outcome(State.EXPIRED)
    return Outcome(State.VOID) if order.is_fully_refunded else _after(order, as_of)


def _after(order: FirstOrder, as_of: date) -> Outcome:
    if order.finished is None:
        return Outcome(State.WAITING)
    since = order.finished + timedelta(days=REFUND_DAYS + 1)
    return Outcome(State.SUCCESSFUL, since) if since <= as_of else Outcome(State.WAITING)
