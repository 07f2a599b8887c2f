"""The month's plan of net sales and what is missing of it (MK-1, handbook 6 §7)."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from products.sales.models import DayNote, SalesPlan
from shopops.accounts.models import User
from shopops.acts.models import Act
from shopops.acts.undo import undoable
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.history.models import Change
from shopops.history.versions import checked, gone
from shopops.metrics.comparisons import PlanToDate, mtd_plan

NOTED: Final = "sales.note"


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


def set_plan(
    month: date, currency: str, *, amount: Decimal, weights: list[Decimal], version: int, by: User
) -> SalesPlan:
    """Store a month's plan read at ``version``. ``weights`` is empty or has one entry per day.

    Raises WrongPlan, and Conflict where somebody changed the plan since.
    """
    length = monthrange(month.year, month.month)[1]
    if amount <= 0:
        raise WrongPlan(_("A plan needs an amount above zero."))
    if weights and (len(weights) != length or min(weights) < 0 or not sum(weights)):
        raise WrongPlan(_("Give %(days)s weights, one per day, none below zero, or none at all.") % {"days": length})
    month, values = month.replace(day=1), {"amount": amount, "weights": [str(weight) for weight in weights]}
    with acting(by):
        _alone(f"plan:{month}:{currency}")
        plan = SalesPlan.objects.select_for_update().filter(month=month, currency=currency).first()
        if plan is None:
            return SalesPlan.objects.create(month=month, currency=currency, **values)
        checked(plan, version, values=values)
        _write(plan, values)
    return plan


def set_note(day: date, text: str, *, version: int, by: User) -> Act:
    """Store what people should know of a day; an empty text takes the note away.

    Returns the act, which can be undone. Raises Conflict where somebody changed the note since ``version``.
    """
    with undoable(NOTED, by=by) as act:
        _set_note(day, text, version)
    return act


def _set_note(day: date, text: str, version: int) -> None:
    values = {"text": text.strip()[:200]}
    _alone(f"note:{day}")
    note = DayNote.objects.select_for_update().filter(day=day).first()
    if note is not None:
        checked(note, version, values=values)
    else:
        gone(DayNote, version, values=values, key={"day": day.isoformat()})
    if note is not None and not values["text"]:
        note.delete()
    elif note is not None:
        _write(note, values)
    elif values["text"]:
        DayNote.objects.create(day=day, **values)


def unnote(changes: list[Change], by: User) -> None:
    """Put back the note :func:`set_note` changed; the caller acts as ``by``. Raises Conflict where changed since."""
    for change in changes:
        if change.op == "update":
            note = DayNote.objects.filter(pk=change.row_id).first()
            gone(DayNote, change.pk, values={"text": change.changes["text"][0]}, key={"id": change.row_id})
            if note is not None:
                _set_note(note.day, change.changes["text"][0], change.pk)
        else:
            former = change.changes["text"] if change.op == "delete" else ""
            _set_note(date.fromisoformat(change.changes["day"]), former, change.pk)


def _alone(key: str) -> None:
    """Let one after the other make what is not there yet: there is no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _write(record: SalesPlan | DayNote, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, values[name])
    if changed:
        record.save(update_fields=[*changed, "updated_at"])
