"""Who starts where: the manager's dashboard, the own department's home, else the first page one may open."""

from shopops.accounts.models import User
from shopops.accounts.roles import DEPARTMENTS, ROLES
from shopops.dashboard.registry import HOME, panels

DEPARTMENT_OF_ROLE = {code: department for code, _name, department in ROLES}
NAMES = {code: name for code, name, _app in DEPARTMENTS}


def has_home(user: object, department: str) -> bool:
    """Say whether a department's home shows this person anything."""
    return bool(panels(HOME, user, department))


def own_home(user: User) -> str:
    """Return the code of the department whose home a person starts on; "" where none has anything to show."""
    own = [user.department.code] if user.department else []
    own += [DEPARTMENT_OF_ROLE[code] for code in sorted(user.role_codes) if code in DEPARTMENT_OF_ROLE]
    return next((code for code in [*own, *NAMES] if has_home(user, code)), "")
