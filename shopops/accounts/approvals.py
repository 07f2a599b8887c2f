from django.utils.translation import gettext_lazy as _

from shopops.accounts import role_changes
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
    )
]
