"""Work as rows: ensure, claim with a lease and a fence, renew, finish; a sweeper brings back the lost.

A worker that was stopped beyond its lease finds its fence outdated and writes nothing more.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet

from shopops import clock
from shopops.jobs.models import Job, Outbox, Tick

if TYPE_CHECKING:
    from shopops.accounts.models import User

logger = logging.getLogger(__name__)
LEASE: Final = timedelta(seconds=settings.JOB_LEASE_SECONDS)  # renewed by the work itself, and each BEAT beside it
BEAT: Final = LEASE / 4
FARTHEST: Final = LEASE + timedelta(minutes=10)  # no lease and no pause reaches so far
MAX_ATTEMPTS: Final = 5
RESEND_AFTER: Final = timedelta(seconds=10)


class LeaseLost(Exception):
    """Somebody else holds the job now: stop without writing."""


class Cancelled(Exception):
    """The job was cancelled by a person: stop and leave nothing."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease ends."""

    job_id: int
    fence: int

    def renew(self, *, done: int | None = None, total: int | None = None, phase: str | None = None) -> None:
        """Prolong the lease and record progress (rows). Raises LeaseLost, or Cancelled when asked to stop."""
        values: dict[str, object] = {"lease_until": clock.now() + LEASE}
        if done is not None:
            values["progress_done"] = done
        if total is not None:
            values["progress_total"] = total
        if phase is not None:
            values["phase"] = phase
        if not self._held().update(**values):
            raise LeaseLost
        if Job.objects.filter(pk=self.job_id, cancel_requested=True).exists():
            raise Cancelled

    def prolong(self) -> None:
        """Prolong the lease and nothing else; where the claim was lost, nothing happens."""
        self._held().update(lease_until=clock.now() + LEASE)

    def hold(self) -> None:
        """Lock the job row for this transaction; raises LeaseLost when it is not ours any more.

        Call it first in the transaction that writes the result: a zombie's commit is impossible.
        """
        if not self._held().select_for_update().exists():
            raise LeaseLost

    def finish(self, state: str = Job.State.DONE, *, error: str = "") -> None:
        """End the job. Raises LeaseLost."""
        if not self._held().update(state=state, error=error[:4000], finished_at=clock.now(), lease_until=None):
            raise LeaseLost

    def _held(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job_id, fence=self.fence, state=Job.State.RUNNING)


def ensure(
    kind: str, key: str, *, arguments: dict[str, object], queue: str, by: "User | None" = None
) -> tuple[Job, bool]:
    """Return the job of this kind and key, made if missing (and whether it was made)."""
    return Job.objects.get_or_create(
        kind=kind,
        key=key,
        defaults={"arguments": arguments, "queue": queue, "created_by": by, "created_at": clock.now()},
    )


def claim(job_id: int, *, now: datetime) -> Claim | None:
    """Take a queued job, or a running one whose lease has ended; None when it is not to be had."""
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(_is_free(now), pk=job_id).first()
        if job is None:
            return None
        Job.objects.filter(pk=job_id).update(
            state=Job.State.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            lease_until=now + LEASE,
            started_at=job.started_at or now,
        )
        return Claim(job_id, job.fence + 1)


def is_free(job_id: int, *, now: datetime) -> bool:
    """Say whether a job waits for a worker, or has lost the one it had."""
    return Job.objects.filter(_is_free(now), pk=job_id).exists()


def _is_free(now: datetime) -> Q:
    reached = Q(not_before=None) | Q(not_before__lte=now) | Q(not_before__gt=now + FARTHEST)
    return Q(state=Job.State.QUEUED) & reached | _is_lost(now)


def _is_lost(now: datetime) -> Q:
    # A lease too far ahead was given before the clock was set back: nobody would end it for hours.
    return Q(state=Job.State.RUNNING) & (Q(lease_until__lt=now) | Q(lease_until__gt=now + FARTHEST))


def cancel(job_id: int) -> None:
    """Ask a job to stop; one that has not begun is cancelled at once."""
    with transaction.atomic():
        Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(cancel_requested=True)
        Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(state=Job.State.CANCELLED, finished_at=clock.now())


def perform(job_id: int) -> str:
    """Claim a job and run its function to the end; return its state afterwards.

    The function is ``kind`` (a dotted name) and is called with the claim and the arguments.
    """
    held = claim(job_id, now=clock.now())
    job = Job.objects.get(pk=job_id)
    if held is None:
        return job.state
    try:
        with _kept_alive(held):
            function_of(job.kind)(held, **job.arguments)
        held.finish()
    except LeaseLost:
        logger.warning("lease lost", extra={"job": job_id})
    except Cancelled:
        held.finish(Job.State.CANCELLED)
    except Exception as error:
        logger.exception("job failed", extra={"job": job_id})
        again = job.attempts < MAX_ATTEMPTS and _is_passing(error)
        if again:
            Job.objects.filter(pk=job_id, fence=held.fence).update(
                state=Job.State.QUEUED,
                lease_until=None,
                not_before=clock.now() + timedelta(seconds=5 * 2**job.attempts),
            )
        else:
            held.finish(Job.State.FAILED, error=f"{type(error).__name__}: {error}")
    return Job.objects.values_list("state", flat=True).get(pk=job_id)


@contextmanager
def _kept_alive(held: Claim) -> Iterator[None]:
    """Renew the lease from a thread and connection of its own: one long statement must not lose the job.

    A stopped process stops its thread too, so a zombie's lease still ends.
    """
    over = Event()

    def renew() -> None:
        while not over.wait(BEAT.total_seconds()):
            try:
                with suppress(DatabaseError):  # the next beat tries again
                    held.prolong()
            finally:
                connection.close()

    thread = Thread(target=renew, name=f"lease-{held.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=LEASE.total_seconds())


def _is_passing(error: Exception) -> bool:
    """Say whether another try may help: the database went away, was busy, or picked us as deadlock victim."""
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415 - only where a job failed

    return isinstance(error, OperationalError | InterfaceError)


def function_of(dotted: str) -> Callable[..., object]:
    """Return the function a dotted name means."""
    module, _, name = dotted.rpartition(".")
    found: Callable[..., object] = getattr(import_module(module), name)
    return found


def wake(task: str, *arguments: object) -> None:
    """Ask a worker to run ``task`` once this transaction is committed.

    The call is a row written with the change: a dead broker or a killed process loses nothing.
    Sending it at commit is only the fast path; the sweeper sends what is left.
    """
    row = Outbox.objects.create(task=task, arguments=list(arguments), created_at=clock.now())
    transaction.on_commit(lambda: _publish(row.pk, task, list(arguments)), robust=True)


def _publish(pk: int, task: str, arguments: list[object]) -> bool:
    from shopops.celery import app  # noqa: PLC0415 - the broker client is heavy

    try:
        app.send_task(task, args=arguments, queue=_queue(task), ignore_result=True)
    except Exception:  # noqa: BLE001 - the broker is down or hangs: the sweeper tries again
        logger.warning("broker not reached", extra={"task": task})
        return False
    Outbox.objects.filter(pk=pk).update(sent_at=clock.now())
    return True


def _queue(task: str) -> str:
    for pattern, route in settings.CELERY_TASK_ROUTES.items():
        if task.startswith(pattern.rstrip("*")):
            return str(route["queue"])
    return "default"


def publish_unsent(*, now: datetime, limit: int = 500) -> int:
    """Send the wake-up calls nobody sent; stop at the first that cannot be sent."""
    sent = 0
    rows = Outbox.objects.filter(sent_at=None, created_at__lt=now - RESEND_AFTER).order_by("pk")[:limit]
    for row in rows:
        if not _publish(row.pk, row.task, row.arguments):
            break
        sent += 1
    Outbox.objects.filter(sent_at__lt=now - timedelta(days=2)).delete()
    return sent


def tick(name: str, *, now: datetime) -> None:
    """Record a sign of life of ``name`` (a queue, or beat)."""
    Tick.objects.update_or_create(name=name, defaults={"at": now})


def requeue_lost(*, now: datetime) -> list[int]:
    """Return the ids of jobs to wake: queued ones, and running ones whose lease has ended.

    A job that lost its worker too often is ended as failed.
    """
    Job.objects.filter(_is_lost(now), attempts__gte=MAX_ATTEMPTS).update(
        state=Job.State.FAILED, error="The worker was lost five times.", finished_at=now
    )
    return list(Job.objects.filter(_is_free(now)).order_by("pk").values_list("pk", flat=True)[:200])
