from shopops.accounts.models import ApiToken, Department, Role, User, UserRole
from shopops.ui.records import Part, RecordKind

RECORDS = [
    RecordKind(User, "accounts:person", "accounts.view"),
    RecordKind(Role, "accounts:role", "accounts.view", lambda _user: Role.objects.all()),
    RecordKind(Department, "accounts:people", "accounts.view", lambda _user: Department.objects.all(), url_kwarg=""),
]
PARTS = [Part(UserRole, User, "user_id"), Part(ApiToken, User, "user_id")]
