"""A wider reach is asked by one person and decided by another (``shopops.approvals``); a narrower one holds at once.

Wider is: more channels, more people's rows, and another team or department for who sees theirs.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from shopops.access.scopes import Scope
from shopops.accounts.models import Department, Role, User
from shopops.accounts.reach import Reach, reach_of, set_department, set_reach
from shopops.approvals.services import ask
from shopops.history.actor import acting
from shopops.words import listed

if TYPE_CHECKING:
    from shopops.approvals.kinds import Line, Payload
    from shopops.approvals.models import Approval

KIND: Final = "accounts.reach"
State = dict[str, Any]  # {"team", "department": code, "roles": {code: [scope, channels]}}


def ask_for(
    user_id: int, *, team: str, reaches: Mapping[int, Reach], seen: str | None = None, by: User
) -> "Approval | None":
    """Set what is narrower at once and ask for what is wider; None where nothing has to be asked.

    Raises AskedAlready, and Refused as ``set_reach`` does.
    """
    with acting(by):
        user = User.objects.select_for_update(of=["self"]).get(pk=user_id)
        held = {item.pk: reach_of(item) for item in user.userrole_set.all()}
        near = {pk: reach.shared(held[pk]) if pk in held else reach for pk, reach in reaches.items()}
        shows_team = any(reach.scope == {**held, **near}[pk].scope == Scope.TEAM for pk, reach in held.items())
        stays = bool(team) and team != user.team and shows_team
        set_reach(user_id, team=user.team if stays else team, reaches=near, seen=seen, by=by)
        before = _state(user_id)
        codes = dict(user.userrole_set.values_list("pk", "role__code"))
        after = before | {"team": team, "roles": {**before["roles"], **_plain(codes, reaches)}}
        return _ask(user, before, after, by=by)


def ask_for_department(user: User, department: Department | None, *, by: User) -> "Approval | None":
    """Ask that a person who sees the department's or team's rows moves into another department."""
    before = _state(user.pk)
    return _ask(user, before, before | {"department": department.code if department else None}, by=by)


def widens(user: User, department: Department | None) -> bool:
    """Say whether another department shows this person other rows."""
    if department is None or department == user.department:
        return False
    return user.userrole_set.filter(scope__in=(Scope.DEPARTMENT, Scope.TEAM)).exists()


def _ask(user: User, before: State, after: State, *, by: User) -> "Approval | None":
    if before == after:
        return None
    return ask(KIND, record=user, payload={"user": user.pk, "before": before, "after": after}, by=by)


def _state(user_id: int) -> State:
    user = User.objects.select_related("department").get(pk=user_id)
    held = list(user.userrole_set.select_related("role").order_by("pk"))
    reaches = {item.pk: reach_of(item) for item in held}
    return {
        "team": user.team,
        "department": user.department.code if user.department else None,
        "roles": _plain({item.pk: item.role.code for item in held}, reaches),
    }


def _plain(codes: Mapping[int, str], reaches: Mapping[int, Reach]) -> dict[str, list[Any]]:
    return {
        codes[pk]: [reach.scope.value, None if reach.channels is None else sorted(reach.channels)]
        for pk, reach in reaches.items()
    }


def _reach(given: list[Any]) -> Reach:
    return Reach(Scope(given[0]), None if given[1] is None else frozenset(given[1]))


def execute(payload: "Payload", *, asked_by: User, by: User) -> None:
    """Set the reach that was asked for."""
    after, user = payload["after"], User.objects.get(pk=payload["user"])
    keys = dict(user.userrole_set.values_list("role__code", "pk"))
    reaches = {keys[code]: _reach(given) for code, given in after["roles"].items()}
    set_reach(user.pk, team=after["team"], reaches=reaches, by=by)
    set_department(user.pk, Department.objects.filter(code=after["department"]).first(), by=by)


def current(payload: "Payload") -> State:
    return _state(payload["user"])


def summary(payload: "Payload") -> str:
    """“Lin: Planner”: whose reach, and of which roles."""
    names = {role.code: str(role) for role in Role.objects.filter(users=payload["user"]).order_by("position")}
    before, after = payload["before"], payload["after"]
    parts = [names.get(code, code) for code, given in after["roles"].items() if before["roles"].get(code) != given]
    parts += [_("team")] if before["team"] != after["team"] else []
    parts += [_("department")] if before["department"] != after["department"] else []
    person = User.objects.filter(pk=payload["user"]).first()
    return _("%(person)s: %(changes)s") % {"person": person or "–", "changes": listed(parts)}


def describe(payload: "Payload") -> "list[Line]":
    """Say how far each role reaches and would reach, in which team and department."""
    names = {role.code: str(role) for role in Role.objects.filter(users=payload["user"])}
    before, after = payload["before"], payload["after"]
    lines = [
        (names.get(code, code), _reach(before["roles"][code]).words(), _reach(given).words())
        for code, given in after["roles"].items()
        if code in before["roles"] and before["roles"][code] != given
    ]
    places = {item.code: str(item) for item in Department.objects.all()}
    lines.append((_("Team"), before["team"] or "–", after["team"] or "–"))
    lines.append((_("Department"), places.get(before["department"], "–"), places.get(after["department"], "–")))
    return lines
