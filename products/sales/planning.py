"""The month's plan of net sales and what is missing of it (MK-1, handbook 6 §7)."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from products.sales.models import DayNote, SalesPlan
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.metrics.comparisons import PlanToDate, mtd_plan


class WrongPlan(Refused):
    """A plan that cannot be compared with: no amount, or weights that are not one per day."""


def weights_of(plan: SalesPlan) -> list[Decimal]:
    """Return one weight per day of the plan's month; every day alike where none are given."""
    length = monthrange(plan.month.year, plan.month.month)[1]
    return [Decimal(weight) for weight in plan.weights] or [Decimal(1)] * length


def plan_to(day: date, currency: str, actual: Decimal = Decimal(0)) -> PlanToDate | None:
    """Compare ``actual`` net of the month up to and with ``day`` with the plan; None without a plan."""
    plan = SalesPlan.objects.filter(month=day.replace(day=1), currency=currency).first()
    return mtd_plan(plan.amount, weights_of(plan), day.day, actual) if plan else None


def set_plan(month: date, currency: str, *, amount: Decimal, weights: list[Decimal], by: User) -> SalesPlan:
    """Store a month's plan. ``weights`` is empty or has one entry per day. Raises WrongPlan."""
    length = monthrange(month.year, month.month)[1]
    if amount <= 0:
        raise WrongPlan(_("A plan needs an amount above zero."))
    if weights and (len(weights) != length or min(weights) < 0 or not sum(weights)):
        raise WrongPlan(_("Give %(days)s weights, one per day, none below zero, or none at all.") % {"days": length})
    with acting(by):
        plan, _made = SalesPlan.objects.update_or_create(
            month=month.replace(day=1),
            currency=currency,
            defaults={"amount": amount, "weights": [str(weight) for weight in weights]},
        )
    return plan


def set_note(day: date, text: str, *, by: User) -> None:
    """Store what people should know of a day; an empty text takes the note away."""
    with acting(by):
        if text.strip():
            DayNote.objects.update_or_create(day=day, defaults={"text": text.strip()[:200]})
        else:
            DayNote.objects.filter(day=day).delete()
