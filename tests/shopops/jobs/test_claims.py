"""One holder at a time: claim, fence, lease, sweeper and outbox, with real threads on committed rows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection, transaction

from shopops import clock
from shopops.jobs import services, tasks
from shopops.jobs.models import Job, Outbox

pytestmark = pytest.mark.django_db(transaction=True)
RAN: list[tuple[int, int]] = []


def work(claim: services.Claim, number: int) -> None:
    RAN.append((claim.fence, number))


def fails_once(claim: services.Claim) -> None:
    if claim.fence == 1:
        raise OperationalError("the server closed the connection")


def fails(claim: services.Claim) -> None:
    raise ValueError("a mistake of ours")


def stops_when_asked(claim: services.Claim) -> None:
    services.cancel(claim.job_id)
    claim.renew(done=1)
    raise AssertionError("not reached")


def make_job(function: Callable, **arguments: object) -> Job:
    return services.ensure(f"{__name__}.{function.__name__}", "once", arguments=arguments, queue="default")[0]


def in_threads(count: int, function: Callable[[], object]) -> list[object]:
    """Run ``function`` in threads that begin together, each with a connection of its own."""
    begin, results = Barrier(count), []

    def one() -> None:
        try:
            begin.wait()
            results.append(function())
        finally:
            connection.close()

    threads = [Thread(target=one) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_kind_and_key_is_one_job_however_many_ask_at_once() -> None:
    made = in_threads(8, lambda: services.ensure("k", "2026-03-24", arguments={}, queue="reports"))
    assert Job.objects.count() == 1
    assert sum(new for _job, new in made) == 1


def test_eight_workers_at_once_run_a_job_once() -> None:
    RAN.clear()
    job = make_job(work, number=7)
    states = in_threads(8, lambda: services.perform(job.pk))
    assert RAN == [(1, 7)]
    assert "done" in states
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == ("done", 1, None)


def test_a_holder_beyond_its_lease_writes_nothing_more() -> None:
    job = make_job(work, number=1)
    now = clock.now()
    zombie = services.claim(job.pk, now=now)
    assert services.claim(job.pk, now=now + services.LEASE) is None  # the lease's last moment is still the holder's
    heir = services.claim(job.pk, now=now + services.LEASE + timedelta(seconds=1))
    assert (zombie.fence, heir.fence) == (1, 2)
    with pytest.raises(services.LeaseLost):
        zombie.renew(done=5)
    with pytest.raises(services.LeaseLost), transaction.atomic():
        zombie.hold()
    with pytest.raises(services.LeaseLost):
        zombie.finish()
    heir.finish()
    assert Job.objects.get().state == "done"


def test_the_sweeper_names_lost_jobs_and_gives_up_after_five() -> None:
    job, now = make_job(work, number=1), clock.now()
    assert services.requeue_lost(now=now) == [job.pk]  # nobody took it yet
    for attempt in range(services.MAX_ATTEMPTS):
        at = now + attempt * timedelta(minutes=5)
        assert services.claim(job.pk, now=at) is not None
        assert services.requeue_lost(now=at) == []  # somebody works
    assert services.requeue_lost(now=now + timedelta(hours=1)) == []
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_lease_given_before_the_clock_was_set_back_does_not_hold_a_job_for_hours() -> None:
    job, now = make_job(work, number=1), clock.now()
    assert services.claim(job.pk, now=now + timedelta(hours=2)) is not None
    assert services.requeue_lost(now=now) == [job.pk]
    assert services.claim(job.pk, now=now).fence == 2


def test_a_pause_ordered_before_the_clock_was_set_back_is_over() -> None:
    job, now = make_job(work, number=1), clock.now()
    Job.objects.update(not_before=now + timedelta(minutes=2))
    assert not services.is_free(job.pk, now=now)
    Job.objects.update(not_before=now + timedelta(hours=2))
    assert services.is_free(job.pk, now=now)


def test_one_topic_in_trouble_does_not_keep_the_sweeper_from_waking_the_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    job, sent, ensured = make_job(work, number=1), [], []

    def ill(*, now: datetime) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(tasks, "registered", lambda _kind, _name: [ill, lambda *, now: ensured.append(now)])
    monkeypatch.setattr(tasks.app, "send_task", lambda name, *, args, **_options: sent.append((name, args)))
    tasks.sweep()
    assert len(ensured) == 1
    assert ("shopops.jobs.tasks.perform", [job.pk]) in sent


def test_a_doubled_call_for_a_job_in_hands_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(tasks.subprocess, "run", lambda command, **options: started.append(options["env"]))
    job = make_job(work, number=1)
    tasks.perform(job.pk)
    assert [environment["SHOPOPS_PROCESS"] for environment in started] == [f"job-{job.pk}"]
    services.claim(job.pk, now=clock.now())
    tasks.perform(job.pk)
    assert len(started) == 1


def test_trouble_of_the_database_is_tried_again_later_and_a_mistake_is_not() -> None:
    job = make_job(fails_once)
    assert services.perform(job.pk) == "queued"
    job.refresh_from_db()
    assert job.not_before > clock.now()
    Job.objects.update(not_before=None)
    assert services.perform(job.pk) == "done"
    wrong = make_job(fails)
    assert services.perform(wrong.pk) == "failed"
    wrong.refresh_from_db()
    assert wrong.error == "ValueError: a mistake of ours"


def test_a_job_is_cancelled_at_once_before_and_at_the_next_renewal_during_its_work() -> None:
    waiting = make_job(work, number=1)
    services.cancel(waiting.pk)
    assert services.perform(waiting.pk) == "cancelled"
    running = make_job(stops_when_asked)
    assert services.perform(running.pk) == "cancelled"


def test_a_wake_up_call_survives_a_dead_broker_and_a_rollback_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, down = [], True

    def publish(pk: int, task: str, arguments: list[object]) -> bool:
        if down:
            return False
        sent.append((task, arguments))
        Outbox.objects.filter(pk=pk).update(sent_at=clock.now())
        return True

    monkeypatch.setattr(services, "_publish", publish)
    with transaction.atomic():
        services.wake("some.task", 5)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.wake("some.task", 6)
        1 / 0  # noqa: B018 - the fault itself
    later = clock.now() + timedelta(minutes=1)
    assert services.publish_unsent(now=later) == 0
    down = False
    assert services.publish_unsent(now=later) == 1
    assert services.publish_unsent(now=later) == 0
    assert sent == [("some.task", [5])]


def test_the_lease_is_renewed_beside_one_long_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BEAT", timedelta(milliseconds=1))
    job = make_job(waits_for_a_beat)
    assert services.perform(job.pk) == "done"


def waits_for_a_beat(claim: services.Claim) -> None:
    """Give the lease up and wait, without touching the claim, until somebody else has renewed it."""
    long_ago = clock.now() - timedelta(hours=1)
    Job.objects.filter(pk=claim.job_id).update(lease_until=long_ago)
    while not Job.objects.filter(pk=claim.job_id, lease_until__gt=clock.now()).exists():
        pass
