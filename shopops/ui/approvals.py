from django.utils.translation import gettext_lazy as _

from shopops.approvals.kinds import Kind
from shopops.ui import mass_export

KINDS = [
    Kind(
        mass_export.KIND,
        _("A file with many rows"),
        "exports.decide",
        mass_export.execute,
        mass_export.describe,
        days=3,
        recent_login=True,
        summary=mass_export.summary,
        act=_("Agree to the file"),
        result=mass_export.result,
    )
]
