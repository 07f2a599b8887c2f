"""What workers run. Every task is safe to lose, to double and to run late."""

import logging
import os
import subprocess
import sys
from typing import Final

from celery import shared_task
from django.conf import settings

from shopops import clock
from shopops.celery import app
from shopops.jobs import services
from shopops.jobs.models import Job
from shopops.topics import registered

logger = logging.getLogger(__name__)
EXPIRES: Final = settings.SWEEP_SECONDS * 5 / 6  # seconds; the next sweep calls again
HARD_LIMIT: Final = 2 * 3600  # seconds a child process may take
QUEUES: Final = ("imports", "campaigns", "reports", "default")


@shared_task(soft_time_limit=HARD_LIMIT, time_limit=HARD_LIMIT + 60)
def perform(job_id: int) -> None:
    """Run a job in a child process of its own: its memory and its crash are not the worker's.

    The database sees the child under the job's number. A doubled call for a job that is over, or in
    other hands, costs no process.
    """
    if not services.is_free(job_id, now=clock.now()):
        return
    subprocess.run(  # noqa: S603 - our own program, an integer argument
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_job", str(int(job_id))],
        check=False,
        timeout=HARD_LIMIT,
        env=os.environ | {"SHOPOPS_PROCESS": f"job-{int(job_id)}"},
    )


@shared_task
def sweep() -> None:
    """At each tick of beat (SWEEP_SECONDS): ensure the rows that must exist, wake what waits, note who is alive."""
    now = clock.now()
    services.tick("beat", now=now)
    services.publish_unsent(now=now)
    for ensure in registered("steps", "EACH_MINUTE"):
        try:
            ensure(now=now)  # type: ignore[operator]  # what registers itself is typed as object
        except Exception:  # one topic's trouble must not stop the others, nor the waking below
            logger.exception(
                "step failed", extra={"step": f"{ensure.__module__}.{getattr(ensure, '__qualname__', ensure)}"}
            )

    for pk in services.requeue_lost(now=now):
        queue = Job.objects.values_list("queue", flat=True).get(pk=pk)
        app.send_task("shopops.jobs.tasks.perform", args=[pk], queue=queue, expires=EXPIRES)
    for queue in QUEUES:
        app.send_task("shopops.jobs.tasks.canary", args=[queue], queue=queue, expires=EXPIRES)


@shared_task
def canary(queue: str) -> None:
    """Show that somebody consumes ``queue``."""
    services.tick(queue, now=clock.now())
