from django.utils.translation import gettext_lazy as _

from shopops.accounts import person_changes, reach_changes, role_changes, role_permissions
from shopops.accounts.models import Role, User
from shopops.approvals.kinds import Kind

KINDS = [
    Kind(
        role_changes.KIND,
        _("Roles of a person"),
        "accounts.decide",
        role_changes.execute,
        role_changes.describe,
        about=User,
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
        about=Role,
        recent_login=True,
        alone=True,
        current=role_permissions.current,
        summary=role_permissions.summary,
        act=_("Approve and change the rights"),
    ),
    Kind(
        reach_changes.KIND,
        _("How far roles of a person reach"),
        "accounts.decide",
        reach_changes.execute,
        reach_changes.describe,
        about=User,
        recent_login=True,
        alone=True,
        current=reach_changes.current,
        summary=reach_changes.summary,
        act=_("Approve and widen the reach"),
    ),
    Kind(
        person_changes.KIND,
        _("A log-in switched on again"),
        "accounts.decide",
        person_changes.execute,
        person_changes.describe,
        about=User,
        recent_login=True,
        alone=True,
        current=person_changes.current,
        summary=person_changes.summary,
        act=_("Approve and switch on"),
    ),
]
