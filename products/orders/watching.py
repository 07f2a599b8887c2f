"""No import stays half way without somebody knowing."""

from datetime import datetime, timedelta
from typing import Final

from shopops.exchange.models import ImportBatch
from shopops.jobs.models import Job

State = ImportBatch.State
FOLLOW_AGAIN: Final = timedelta(minutes=1)


def ensure_jobs(*, now: datetime) -> None:
    """Give batches whose job ended without them their state, and finish what was merged but not followed up."""
    left = ImportBatch.objects.filter(
        state__in=(State.CHECKING, State.IMPORTING), job__finished_at__lt=now - timedelta(seconds=5)
    )
    left.filter(merged_at=None, job__state="cancelled").update(state=State.CANCELLED, finished_at=now)
    left.filter(merged_at=None, job__state="failed").update(state=State.INTERRUPTED, finished_at=now)
    unfinished = left.filter(job__state__in=("failed", "cancelled"), job__finished_at__lt=now - FOLLOW_AGAIN)
    Job.objects.filter(pk__in=unfinished.exclude(merged_at=None).values("job")).update(
        state=Job.State.QUEUED, attempts=0, cancel_requested=False, not_before=None
    )
