"""Seeing as a role: an administrator looks at the pages as somebody with one role would, and changes nothing.

While it lasts, every request that could change something is refused, nothing is handed out as a file, and
no class of fields is shown that the administrator may not see as themselves. Begin and end are written
into the history.
"""

from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from shopops.access.declare import SAFE_METHODS
from shopops.access.field_classes import shown_by
from shopops.access.scopes import Grant
from shopops.accounts.models import Role
from shopops.history.services import note

if TYPE_CHECKING:
    from shopops.accounts.models import User

KEY: Final = "see_as"  # of the session: the role's id
PERMISSION: Final = "accounts.see_as"
ALLOWED: Final = frozenset(
    {"accounts:stop_seeing", "account_logout", "ui:language"}
)  # unsafe, and allowed all the same
NEVER: Final = frozenset({"personal.reveal", PERMISSION})


class NoFiles(PermissionDenied):
    """Who sees as a role takes nothing along."""


def begin(request: HttpRequest, role: Role) -> None:
    """Look at the pages as ``role`` from now on."""
    note(role, "see_as", {"name": "begun"}, by=request.user)  # type: ignore[arg-type]  # logged in, the page asked
    request.session[KEY] = role.pk


def stop(request: HttpRequest) -> None:
    """Be oneself again."""
    role = Role.objects.filter(pk=request.session.pop(KEY, 0)).first()
    if role is not None:
        note(role, "see_as", {"name": "ended"}, by=request.user)  # type: ignore[arg-type]  # logged in, the page asked


def apply(request: HttpRequest) -> Role | None:
    """Give the request the role's rights where its session says so; return the role. No query for everybody else."""
    if not request.user.is_authenticated or KEY not in request.session:
        return None
    user: User = request.user
    role = Role.objects.select_related("department").filter(pk=request.session[KEY]).first()
    if role is None or not user.has_perm(PERMISSION):
        del request.session[KEY]
        return None
    unseen = {code for code in shown_by().values() if not user.has_perm(code)}
    given = frozenset(code for code in role.permissions if code not in NEVER | unseen and not code.endswith(".export"))
    user.grants = (Grant(role.code, given),)  # in the place where the log-in's own would be kept
    user.permission_codes, user.role_codes = given, frozenset({role.code})
    user.seeing_as, user.department = role, role.department
    return role


def refuses(request: HttpRequest) -> bool:
    """Say whether a request of somebody who sees as a role is refused: all that could change anything."""
    match = request.resolver_match
    return request.method not in SAFE_METHODS and (match is None or match.view_name not in ALLOWED)
