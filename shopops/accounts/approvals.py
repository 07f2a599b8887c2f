from django.utils.translation import gettext_lazy as _

from shopops.accounts import role_changes, role_permissions
from shopops.approvals.kinds import Kind

KINDS = [
    Kind(
        role_changes.KIND,
        _("Roles of a person"),
        "accounts.decide",
        role_changes.execute,
        role_changes.describe,
        recent_login=True,
        alone=True,
        current=role_changes.current,
        summary=role_changes.summary,
        act=_("Approve and change the roles"),
    ),
    Kind(
        role_permissions.KIND,
        _("What a role may do"),
        "accounts.decide",
        role_permissions.execute,
        role_permissions.describe,
        recent_login=True,
        alone=True,
        current=role_permissions.current,
        summary=role_permissions.summary,
        act=_("Approve and change the rights"),
    ),
]
