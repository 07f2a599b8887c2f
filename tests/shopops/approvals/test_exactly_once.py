"""Exactly once, on a real database: a hundred deciders at once, clicks against a withdrawal, a killed executor."""

import os
import signal
import subprocess
import sys
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection

from shopops.accounts.models import Department, User
from shopops.approvals import services
from shopops.approvals.models import Approval
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.jobs import services as jobs
from shopops.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
DECIDERS = 100


def made():
    return Department.objects.filter(name="Made by request").count()


def together(actions):
    """Run all at once, each in a thread with a connection of its own; return what each gave or raised."""
    begin, results = Barrier(len(actions)), []

    def one(action):
        try:
            begin.wait()
            results.append(action())
        except Refused as refusal:
            results.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=one, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def crowd(make_user):
    """A hundred managers, made by one statement."""
    first = make_user("manager", username="m0")
    with acting(SYSTEM):
        more = User.objects.bulk_create(
            [User(username=f"m{number}", full_name="M", language="en") for number in range(1, DECIDERS)]
        )
        through = User.roles.through
        through.objects.bulk_create([through(user=user, role=first.roles.get()) for user in more])
    return [first, *more]


def in_tens(actions):
    """A pool of connections as large as the server has: ten at a time meet at one request."""
    results = []
    for start in range(0, len(actions), 25):
        results += together(actions[start : start + 25])
    return results


def test_of_a_hundred_people_who_approve_at_once_one_decides_and_the_effect_is_one(ask, crowd):
    asked = ask()

    results = in_tens([lambda by=by: services.decide(asked.pk, approve=True, by=by) for by in crowd])

    refused = [result for result in results if isinstance(result, services.NotOpen)]
    assert (len(results), len(refused), made()) == (DECIDERS, DECIDERS - 1, 1)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by in crowd) == ("executed", True)
    assert Change.objects.filter(table_name="shopops_department", source=f"approval:{asked.pk}").count() == 1


def test_approval_refusal_and_withdrawal_at_once_leave_one_outcome_and_its_effect(ask, asker, crowd):
    for number in range(10):
        asked = ask(f"d{number}")
        before = made()
        together(
            [
                lambda asked=asked: services.decide(asked.pk, approve=True, by=crowd[0]),
                lambda asked=asked: services.decide(asked.pk, approve=False, by=crowd[1]),
                lambda asked=asked: services.withdraw(asked.pk, by=asker),
            ]
        )
        asked.refresh_from_db()
        assert asked.state in {"executed", "refused", "withdrawn"}
        assert made() - before == (asked.state == "executed")


def test_a_request_of_a_long_kind_is_carried_out_once_by_however_many_workers(ask, kind, decider):
    kind(long=True)
    asked = ask()

    services.decide(asked.pk, approve=True, by=decider)
    assert (Approval.objects.get().state, made()) == ("approved", 0)
    job = Job.objects.get(kind=services.PERFORM)
    together([lambda: jobs.perform(job.pk) for _worker in range(8)])

    assert (Approval.objects.get().state, made(), asked.pk) == ("executed", 1, Approval.objects.get().pk)


KILLED = """
import os, signal, sys
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SET ROLE shopops_app")
from tests.shopops.approvals import conftest
from shopops.approvals import kinds as registry, services, models, queries, notifications
known = dict(registry.kinds())
def execute(payload, *, asked_by, by):
    conftest.execute(payload, asked_by=asked_by, by=by)
    if payload.get("die") == "inside":
        os.kill(os.getpid(), signal.SIGKILL)
from dataclasses import replace
known[conftest.CODE] = replace(conftest.KIND, long=True, execute=execute)
for module in (registry, services, models, queries, notifications):
    module.kinds = lambda: known
from shopops.jobs import services as jobs
print(jobs.perform(int(sys.argv[1])))
"""


def run_worker(job, name):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "shopops.settings",
        "DATABASE_OWNER_URL": "",
        "DATABASE_URL": "",
        "SHOPOPS_PROCESS": name,
    }
    database = connection.settings_dict
    url = f"postgres://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?host={database['HOST']}"
    environment["DATABASE_OWNER_URL"] = environment["DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(job)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_executor_killed_after_the_effect_and_before_its_end_leaves_nothing_and_the_next_does_it_once(
    ask, kind, decider
):
    kind(long=True)
    asked = ask(die="inside")
    services.decide(asked.pk, approve=True, by=decider)
    job = Job.objects.get(kind=services.PERFORM)

    killed = run_worker(job.pk, "killed")

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (Approval.objects.get().state, made()) == ("approved", 0)
    with acting(SYSTEM):
        Approval.objects.update(payload={"code": "new", "before": 0})  # the next one lives
    Job.objects.update(lease_until=Job.objects.get(pk=job.pk).created_at)  # its lease is over
    alive = run_worker(job.pk, "alive")
    assert alive.stdout.strip() == "done", alive.stderr
    assert (Approval.objects.get().state, made()) == ("executed", 1)


def test_a_job_that_failed_for_good_makes_the_request_void(ask, asker, kind, decider):
    from shopops import clock

    kind(long=True)
    asked = ask(**{"break": True})
    services.decide(asked.pk, approve=True, by=decider)
    assert jobs.perform(Job.objects.get(kind=services.PERFORM).pk) == "failed"

    services.give_up_failed(now=clock.now())

    asked.refresh_from_db()
    assert (asked.state, made()) == ("failed", 0)
    assert asker.notifications.filter(kind="approvals.decided").count() == 1
