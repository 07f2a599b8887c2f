"""One process of the storm: ``python -m tests.kill.report_processes sweeper|worker``. It works until it is killed.

A sweeper does what beat's task does, without pause; a worker takes every open report job, as the
worker's child process does. ``STORM_SLOW_MS`` keeps each making open so that kills meet it;
``STORM_UNGUARDED`` takes the guards away: the control.
"""

import os
import sys

import django
from django.db import Error, connection


def slow_down() -> None:
    """Let the database hold each making for a while, inside its transaction."""
    from analytics.reports import gathering

    gather = gathering.gather

    def slow(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [int(os.environ["STORM_SLOW_MS"]) / 1000])
        return gather(*args, **kwargs)

    gathering.gather = slow


def take_guards_away() -> None:
    """No claim, no fence, no look at what is there: whoever comes makes one more revision."""
    from django.db.models import Max

    from analytics.reports import services
    from analytics.reports.models import Revision
    from shopops.jobs import services as jobs
    from shopops.jobs.models import Job

    make, take = services.make, jobs.claim

    def unguarded(claim, *, report, number, **rest):
        newest = Revision.objects.filter(report=report).aggregate(newest=Max("number"))["newest"] or 0
        make(claim, report=report, number=newest + 1, **rest)

    def claim(job_id, *, now):
        running = Job.objects.filter(pk=job_id, state=Job.State.RUNNING).first()
        return jobs.Claim(job_id, running.fence) if running else take(job_id, now=now)

    jobs.claim = claim
    jobs.Claim.hold = lambda _self: None
    services.make = unguarded
    services._is_settled = lambda *_seen: False


def sweep() -> None:
    from analytics.reports.steps import owe_reports
    from shopops import clock
    from shopops.jobs.services import requeue_lost

    owe_reports(now=clock.now())
    requeue_lost(now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")


def work() -> None:
    from analytics.reports.services import MAKE
    from shopops import clock
    from shopops.jobs.models import Job
    from shopops.jobs.services import perform, requeue_lost

    for pk in requeue_lost(now=clock.now())[:20]:
        if Job.objects.filter(pk=pk, kind=MAKE).exists():
            perform(pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")
    django.setup()
    slow_down()
    if os.environ.get("STORM_UNGUARDED"):
        take_guards_away()
    step = {"sweeper": sweep, "worker": work}[sys.argv[1]]
    while True:
        try:
            step()
        except Error:  # the database was killed: come back when it does
            connection.close()


if __name__ == "__main__":
    main()
