"""The deletion of a person is agreed to by a second one."""

from django.utils.translation import gettext_lazy as _

from shopops.approvals.kinds import Kind
from shopops.privacy import deletion
from shopops.privacy.models import Request

KINDS = [
    Kind(
        deletion.KIND,
        _("Deletion of a person"),
        "privacy.decide",
        deletion.execute,
        deletion.describe,
        about=Request,
        days=7,
        long=True,
        recent_login=True,
        summary=deletion.summary,
        act=_("Agree and delete for good"),
    )
]
