from typing import Any

from shopops.accounts import person_changes
from shopops.accounts.models import ApiToken, Department, Role, User, UserRole
from shopops.ui.records import Part, RecordKind
from shopops.ui.restoring import Setter


def _set(pk: int, column: str, value: Any, *, version: int, by: User) -> None:
    person_changes.restore(pk, column, value, version=version, by=by)


RECORDS = [
    RecordKind(User, "accounts:person", "accounts.view"),
    RecordKind(Role, "accounts:role", "accounts.view", lambda _user: Role.objects.all()),
    RecordKind(Department, "accounts:people", "accounts.view", lambda _user: Department.objects.all(), url_kwarg=""),
]
# Addresses, roles and the log-in itself are set on the page only, after a confirmation of who it is.
SETTERS = [Setter(User, ("full_name", "department_id"), "accounts.change", _set)]
PARTS = [Part(UserRole, User, "user_id"), Part(ApiToken, User, "user_id")]
