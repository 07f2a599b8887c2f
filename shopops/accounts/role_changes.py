"""Giving and taking roles: asked by one person, decided by another (``shopops.approvals``)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from shopops.access.declare import permissions
from shopops.accounts import services
from shopops.accounts.models import Role, User
from shopops.approvals.models import Approval
from shopops.approvals.services import ask
from shopops.words import listed, listed_apart

if TYPE_CHECKING:
    from shopops.approvals.kinds import Line, Payload

KIND: Final = "accounts.roles"
NAMED: Final = 6  # permissions written out


def ask_for(user: User, roles: Iterable[Role], *, reason: str = "", by: User) -> Approval | None:
    """Ask that ``user`` has exactly these roles; None where they have them. Raises AskedAlready, Refused."""
    payload = {"user": user.pk, "before": codes_of(user.pk), "after": sorted(role.code for role in roles)}
    if payload["before"] == payload["after"]:
        return None
    return ask(KIND, record=user, payload=payload, reason=reason, by=by)


def execute(payload: "Payload", *, asked_by: User, by: User) -> None:
    """Set the roles that were asked for."""
    services.set_roles(payload["user"], payload["after"], by=by)


def current(payload: "Payload") -> list[str]:
    return codes_of(payload["user"])


def summary(payload: "Payload") -> str:
    """“Lin: + Analyst − Administrator”."""
    before, after = set(payload["before"]), set(payload["after"])
    names = _names(before | after)
    parts = [f"+ {names[code]}" for code in payload["after"] if code not in before]
    parts += [f"− {names[code]}" for code in payload["before"] if code not in after]
    person = User.objects.filter(pk=payload["user"]).first()
    return _("%(person)s: %(changes)s") % {"person": person or "–", "changes": " ".join(parts)}


def describe(payload: "Payload") -> "list[Line]":
    """Say which roles somebody has and would have, and what they may do newly or no longer."""
    names = _names({*payload["before"], *payload["after"]})
    lines = [(_("Roles"), _listed(payload["before"], names), _listed(payload["after"], names))]
    may = {code: set(Role.objects.get(code=code).permissions) for code in names}
    before, after = (set().union(*(may[code] for code in payload[when])) for when in ("before", "after"))
    labels = {code: str(item.label) for code, item in permissions().items()}
    if gained := [labels[code] for code in labels if code in after - before]:
        lines.append((_("May do newly"), "–", _cut(gained)))
    if lost := [labels[code] for code in labels if code in before - after]:
        lines.append((_("May no longer do"), _cut(lost), "–"))
    return lines


def codes_of(user_id: int) -> list[str]:
    """Return the codes of the roles somebody has, sorted."""
    return sorted(Role.objects.filter(users=user_id).values_list("code", flat=True))


def _names(codes: set[str]) -> dict[str, str]:
    return {role.code: str(role) for role in Role.objects.filter(code__in=codes)}


def _listed(codes: list[str], names: dict[str, str]) -> str:
    return listed(names[code] for code in codes if code in names) or "–"


def _cut(words: list[str]) -> str:
    return listed_apart(words[:NAMED]) + (f" … ({len(words)})" if len(words) > NAMED else "")
