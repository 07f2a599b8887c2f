"""Making roles and changing what they may do: asked by one person, decided by another (``shopops.approvals``)."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from shopops.access.declare import permissions
from shopops.accounts.models import Department, Role, User
from shopops.accounts.services import ADMINISTRATOR
from shopops.approvals.models import Approval
from shopops.approvals.services import ask
from shopops.errors import Refused
from shopops.history.actor import System, acting
from shopops.words import listed

if TYPE_CHECKING:
    from shopops.approvals.kinds import Line, Payload

KIND: Final = "role_permissions"
KEPT: Final = frozenset({"accounts.view", "accounts.change", "settings.change"})  # or nobody could mend roles again


def create(*, name: str, department: Department | None, by: User | System) -> Role:
    """Make a role that may do nothing yet. Raises Refused where the name is taken."""
    clean = " ".join(name.split())[:64]
    if any(str(role) == clean for role in Role.objects.all()):
        raise Refused(_("There is a role “%(name)s” already.") % {"name": clean})
    with acting(by):
        position = (Role.objects.aggregate(last=Max("position"))["last"] or 0) + 1
        return Role.objects.create(code=_code(clean), name=clean, department=department, position=position)


def _code(name: str) -> str:
    """Return a code nobody has: the name's own letters, else "role", and a number where it is taken."""
    base = re.sub("[^a-z0-9_]", "", slugify(name).replace("-", "_"))[:24] or "role"
    taken = set(Role.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for code in [base, *(f"{base}_{number}" for number in range(2, 10_000))] if code not in taken)


def ask_for(role: Role, codes: Iterable[str], *, reason: str = "", by: User) -> Approval | None:
    """Ask that ``role`` may do exactly this; None where it may. Raises Refused, and where a request waits already."""
    before, after = current({"role": role.pk}), sorted(set(codes))
    _check(role, after)
    if before == after:
        return None
    return ask(KIND, record=role, payload={"role": role.pk, "before": before, "after": after}, reason=reason, by=by)


def waiting(role: Role) -> Approval | None:
    """Return the open request about a role's permissions."""
    return Approval.objects.open_about(KIND, Role._meta.db_table, role.pk).first()


def execute(payload: "Payload", *, asked_by: User, by: User) -> None:
    """Set the permissions that were asked for; they act on the next request of everybody who has the role."""
    with acting(by):
        role = Role.objects.select_for_update().get(pk=payload["role"])
        _check(role, payload["after"])
        role.permissions = sorted(payload["after"])
        role.save(update_fields=["permissions", "updated_at"])


def _check(role: Role, codes: Iterable[str]) -> None:
    if unknown := sorted(set(codes) - set(permissions())):
        raise Refused(_("Unknown permission: %(codes)s") % {"codes": ", ".join(unknown)})
    if role.code == ADMINISTRATOR and not set(codes) >= KEPT:
        raise Refused(_("The administrator keeps seeing and changing log-ins and settings: nobody could mend it else."))


def known(codes: Iterable[str]) -> list[str]:
    """Return those of these permissions that still exist."""
    declared = permissions()
    return sorted(code for code in codes if code in declared)


def current(payload: "Payload") -> list[str]:
    return known(Role.objects.get(pk=payload["role"]).permissions)


def summary(payload: "Payload") -> str:
    """“Planner: + 2 − 1”."""
    before, after = set(payload["before"]), set(payload["after"])
    role = Role.objects.filter(pk=payload["role"]).first()
    parts = [f"+ {len(after - before)}"] if after - before else []
    parts += [f"− {len(before - after)}"] if before - after else []
    return f"{role or '–'}: {' '.join(parts)}"


def describe(payload: "Payload") -> "list[Line]":
    """Say what the role may do newly or no longer, one line each, and whom it concerns."""
    labels = {code: str(item.label) for code, item in permissions().items()}
    before, after = set(payload["before"]), set(payload["after"])
    people = list(User.objects.filter(roles=payload["role"], is_active=True).order_by("full_name", "pk"))
    lines = [(labels.get(code, code), _("no"), _("yes")) for code in sorted(after - before)]
    lines += [(labels.get(code, code), _("yes"), _("no")) for code in sorted(before - after)]
    named = listed(str(person) for person in people[:6]) + (f" … ({len(people)})" if len(people) > 6 else "")
    return [*lines, (_("People with this role"), named or "–", named or "–")]
