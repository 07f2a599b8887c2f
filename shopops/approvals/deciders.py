"""Further people who decide: the owner, say, as a second one; naming them is itself a request."""

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from shopops.approvals.kinds import Line, Payload, kinds
from shopops.approvals.models import Approval, Decider
from shopops.approvals.services import ask
from shopops.errors import Refused
from shopops.words import listed

if TYPE_CHECKING:
    from shopops.accounts.models import User

NAMING = "approvals.deciders"


def ask_for(kind: str, people: "list[User]", *, by: "User") -> Approval | None:
    """Ask that exactly these people decide a kind besides those with its permission; None where nothing changes."""
    payload = {"kind": kind, "before": _named(kind), "after": sorted(person.pk for person in people)}
    if kind not in kinds():
        raise Refused(_("There is no such kind of request."))
    if payload["before"] == payload["after"]:
        return None
    return ask(NAMING, record=None, payload=payload, by=by)


def execute(payload: Payload, *, asked_by: "User", by: "User") -> None:
    """Name and un-name people for a kind."""
    kind, wanted = payload["kind"], set(payload["after"])
    Decider.objects.filter(kind=kind).exclude(user__in=wanted).delete()
    found = get_user_model().objects.filter(pk__in=wanted, is_active=True).values_list("pk", flat=True)
    Decider.objects.bulk_create([Decider(kind=kind, user_id=pk) for pk in sorted(found)], ignore_conflicts=True)


def current(payload: Payload) -> list[int]:
    return _named(payload["kind"])


def describe(payload: Payload) -> list[Line]:
    """Say who decides besides, before and after."""
    return [(summary(payload), _names(payload["before"]), _names(payload["after"]))]


def summary(payload: Payload) -> str:
    item = kinds().get(payload["kind"])
    return str(item.label) if item else payload["kind"]


def _named(kind: str) -> list[int]:
    return sorted(Decider.objects.filter(kind=kind).values_list("user_id", flat=True))


def _names(ids: list[int]) -> str:
    people = get_user_model().objects.filter(pk__in=ids).order_by("full_name", "pk")
    return listed(str(person) for person in people) or "–"
