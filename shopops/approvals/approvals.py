from django.utils.translation import gettext_lazy as _

from shopops.approvals import deciders
from shopops.approvals.kinds import Kind

KINDS = [
    Kind(
        deciders.NAMING,
        _("Who decides a kind of request"),
        "approvals.change",
        deciders.execute,
        deciders.describe,
        recent_login=True,
        alone=True,
        current=deciders.current,
        summary=deciders.summary,
        act=_("Approve and change who decides"),
    )
]
