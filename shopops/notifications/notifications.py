from django.utils.translation import gettext_lazy as _

from shopops.notifications.kinds import DIGEST, Kind

KINDS = [
    Kind(
        "jobs.failed",
        _("A job failed"),
        _("Jobs that failed: %(jobs)s"),
        DIGEST,
        "alert-triangle",
        permission="operation.view",
        adds=("jobs",),
        place="jobs:list",
    ),
]
