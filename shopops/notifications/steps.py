from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from shopops.access.holders import holders
from shopops.jobs.models import Job
from shopops.notifications import mailing, services

LOOK_BACK: Final = timedelta(days=1)


def tell_failed_jobs(*, now: datetime) -> None:
    """Tell those who look after the installation of jobs that failed, each once; served by ``job_failed``."""
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - LOOK_BACK)
    keys = [f"job:{pk}#{attempts}" for pk, attempts in failed.values_list("pk", "attempts")[:1000]]
    if not keys:
        return
    with transaction.atomic():
        if fresh := services.first_time(keys):
            services.notify(holders("operation.view"), "jobs.failed", text_values={"jobs": len(fresh)})


EACH_MINUTE = [mailing.wake_if_owed, tell_failed_jobs]
