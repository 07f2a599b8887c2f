"""A bulk act whose worker is killed is completed by the next one, or taken back; no row is changed twice."""

import subprocess
import sys
from datetime import timedelta

import pytest

from analytics.quality.fingerprint import fingerprint
from products.orders.models import Order
from shopops import clock
from shopops.acts import bulk
from shopops.acts.kinds import bulk_kinds
from shopops.history.actor import SYSTEM, acting
from shopops.history.models import Change
from shopops.jobs.models import Job
from tests.factories.orders import make_channel
from tests.kill.storm_imports import _environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
MANY = 900


@pytest.fixture
def orders(monkeypatch):
    monkeypatch.setattr(bulk, "BLOCK", 100)
    shop = make_channel("tb")
    with acting(SYSTEM):
        rows = (
            Order(channel=shop, number=f"B{n:06d}", created_at=clock.now(), state="paid", note="Before")
            for n in range(MANY)
        )
        Order.objects.bulk_create(rows)


def perform(job_id, point=-1):
    """Run the job in a process of its own; a killed one's lease is over at once."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.bulk_process", str(job_id), str(point)],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    Job.objects.filter(pk=job_id, state="running").update(lease_until=clock.now() - timedelta(seconds=1))
    return done


def begin(user):
    ids = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    return bulk.begin(bulk_kinds()["orders.note"], ids, {"text": "VIP"}, scope="", url="/orders/", by=user)


def test_killed_at_six_points_each_row_is_written_once(orders, make_user):
    act = begin(make_user("planner"))
    kills = 0
    for point in (0, 2, 5, 8, 4, 1):  # in a fresh process each, so the act moves on between them
        assert perform(act.job_id, point).returncode == -9
        kills += 1
        Job.objects.filter(pk=act.job_id).update(attempts=0)
    done = perform(act.job_id)

    print(f"{kills} kills, then: {done.stdout.strip()}")
    assert done.stdout.startswith("done"), done.stderr
    assert set(Order.objects.values_list("note", flat=True)) == {"VIP Before"}
    assert Change.objects.filter(source=act.source).count() == MANY


def test_killed_while_it_is_taken_back_the_store_is_as_it_was(orders, make_user):
    person = make_user("planner")
    before = fingerprint()["all"]
    act = begin(person)
    assert perform(act.job_id).stdout.startswith("done")
    act = bulk.take_back(act.pk, by=person)
    for point in (1, 5, 2):
        assert perform(act.undo_job_id, point).returncode == -9
        Job.objects.filter(pk=act.undo_job_id).update(attempts=0)

    assert perform(act.undo_job_id).stdout.startswith("done")

    assert fingerprint()["all"] == before
    assert Change.objects.filter(source=f"undo-bulk:{act.pk}").count() == MANY
