"""Changing a person: what gives no rights is saved at once, the rest is asked (``shopops.approvals``).

Asked are other roles, another department for who sees its rows, and the log-in of somebody who was switched
off and still has roles: all three give rights.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from shopops.accounts import reach_changes, role_changes, services
from shopops.accounts.models import Department, Role, User
from shopops.approvals.models import Approval
from shopops.approvals.services import ask
from shopops.history.actor import acting
from shopops.words import listed

if TYPE_CHECKING:
    from shopops.approvals.kinds import Line, Payload

KIND: Final = "accounts.activate"
KINDS: Final = (KIND, role_changes.KIND, reach_changes.KIND)


def change(
    user_id: int,
    *,
    department: Department | None,
    is_active: bool,
    roles: Iterable[Role],
    version: int,
    by: User,
    **plain: Any,
) -> list[Approval]:
    """Save at once what may be and ask for the rest, all or nothing; return what was asked.

    Raises Refused, Conflict as ``services.change_user`` does, and AskedAlready.
    """
    wanted = list(roles)
    with acting(by):
        user = User.objects.select_for_update(of=["self"]).get(pk=user_id)
        waits = is_active and not user.is_active and user.roles.exists()
        moves = reach_changes.widens(user, department)
        services.change_user(
            user_id,
            **plain,
            department=user.department if moves else department,
            is_active=is_active and not waits,
            roles=wanted,
            version=version,
            by=by,
        )
        asked = [
            role_changes.ask_for(user, wanted, by=by),
            reach_changes.ask_for_department(user, department, by=by) if moves else None,
            _ask_to_switch_on(user, by=by) if waits else None,
        ]
    return [item for item in asked if item is not None]


def restore(user_id: int, column: str, value: Any, *, version: int, by: User) -> list[Approval]:
    """Set a person's name or department again to what it was, by the same rules as :func:`change`."""
    user = User.objects.get(pk=user_id)
    values: dict[str, Any] = {"full_name": user.full_name, "email": user.email, "department": user.department}
    if column == "department_id":
        values["department"] = Department.objects.filter(pk=value).first()
    else:
        values[column] = value
    return change(user_id, **values, is_active=user.is_active, roles=user.roles.all(), version=version, by=by)


def waiting(user: User) -> list[Approval]:
    """Return the open requests about somebody's rights."""
    found = Approval.objects.filter(kind__in=KINDS, table_name=User._meta.db_table, row_id=user.pk, state="open")
    return list(found.order_by("pk"))


def _ask_to_switch_on(user: User, *, by: User) -> Approval:
    before = current({"user": user.pk})
    return ask(KIND, record=user, payload={"user": user.pk, "before": before, "after": [True, before[1]]}, by=by)


def execute(payload: "Payload", *, asked_by: User, by: User) -> None:
    """Switch the log-in on again."""
    services.switch_on(payload["user"], by=by)


def current(payload: "Payload") -> list[Any]:
    """Return whether the log-in is on, and with which roles: both are what was agreed to."""
    return [User.objects.get(pk=payload["user"]).is_active, role_changes.codes_of(payload["user"])]


def summary(payload: "Payload") -> str:
    return str(User.objects.filter(pk=payload["user"]).first() or "–")


def describe(payload: "Payload") -> "list[Line]":
    """Say whose log-in works again, and with which roles."""
    roles = listed(str(role) for role in Role.objects.filter(code__in=payload["after"][1]).order_by("position"))
    return [(_("Log-in"), _("switched off"), _("active")), (_("Roles"), "–", roles)]
