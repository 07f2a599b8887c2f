"""What is past its days goes each night, by the days people chose; each class says why it is kept."""

from datetime import timedelta

import pytest
from django.db import connection

from products.orders.models import Order, OrderContact
from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.ops.models import Mail
from shopops.privacy import keeping
from shopops.privacy.models import KeepDays, KeepRun
from tests.factories.orders import make_channel, make_order
from tests.factories.staged import make_batch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"


def night():
    keeping.ensure_sweep(now=clock.now())
    job = Job.objects.get(kind=keeping.SWEEP)
    Job.objects.filter(pk=job.pk).update(state="queued")
    return jobs.perform(job.pk)


def test_each_class_says_what_why_and_how_long(client_of):
    page = client_of("manager").get("/privacy/keeping/").content.decode()

    for rule in keeping.rules().values():
        assert str(rule.label)
        assert str(rule.basis)
        assert str(rule.label) in page or rule.label in page
        assert rule.sweep is None or rule.least_days <= rule.default_days
    assert {"uploads", "rejects", "stages", "contacts", "mails", "jobs", "sessions", "log_in_tries", "cache"} <= set(
        keeping.rules()
    )


def test_a_night_has_one_job_which_clears_every_class_and_counts():
    for _tick in range(2):
        keeping.ensure_sweep(now=clock.now())
    assert Job.objects.filter(kind=keeping.SWEEP).count() == 1
    Mail.objects.create(created_at=clock.now() - timedelta(days=91), sender="a@b.cn", subject="s", source=b"")
    Mail.objects.create(created_at=clock.now() - timedelta(days=89), sender="a@b.cn", subject="s", source=b"")

    assert night() == "done"

    assert Mail.objects.count() == 1
    runs = keeping.latest()
    assert runs["mails"].removed == 1
    assert set(runs) == {code for code, rule in keeping.rules().items() if rule.sweep}
    assert not [run.error for run in runs.values() if run.error]


def test_receivers_go_after_three_years_and_the_orders_stay():
    shop = make_channel()
    old = make_order(shop, created=clock.now() - timedelta(days=1097), phone_mask="138****0001")
    young = make_order(shop, created=clock.now() - timedelta(days=1095), phone_mask="138****0002")

    night()

    assert list(OrderContact.objects.values_list("order_id", flat=True)) == [young.pk]
    assert Order.objects.filter(pk=old.pk).exists()


def test_a_class_that_fails_is_noted_and_stops_no_other(monkeypatch):
    from django.db import DatabaseError

    def fail(_before):
        raise DatabaseError("broken")

    rules = keeping.rules()
    first = next(iter(rules.values()))
    broken = {**rules, first.code: keeping.Retention(**{**first.__dict__, "sweep": fail})}
    monkeypatch.setattr(keeping, "rules", lambda: broken)

    assert night() == "done"

    assert "broken" in KeepRun.objects.get(code=first.code).error
    assert KeepRun.objects.filter(error="").count() >= 5


def test_ended_jobs_go_and_those_an_import_names_stay():
    old = clock.now() - timedelta(days=400)
    gone, named = (
        Job.objects.create(kind="k", key=key, state="done", created_at=old, finished_at=old)
        for key in ("gone", "named")
    )
    make_batch(make_channel(), job=named)

    night()

    assert set(Job.objects.filter(kind="k").values_list("key", flat=True)) == {"named"}
    assert gone.pk


def test_days_are_changed_by_who_may_and_never_below_the_least(client_of):
    manager = client_of("manager")

    refused = manager.post("/privacy/keeping/contacts/", {"days": "30"})
    taken = manager.post("/privacy/keeping/mails/", {"days": "30"})

    assert refused.status_code == 422
    assert taken.status_code == 302
    assert keeping.days_of()["mails"] == 30
    assert keeping.days_of()["contacts"] == 1096
    assert list(KeepDays.objects.values_list("code", "days")) == [("mails", 30)]
    assert client_of("deputy").post("/privacy/keeping/mails/", {"days": "1"}).status_code == 403
    assert manager.get("/privacy/keeping/history/").status_code == 404
    with pytest.raises(Refused):
        keeping.keep("history", 5, by=manager.user)


def test_the_cache_loses_what_has_run_out():
    from django.core.cache import cache

    cache.set("old", 1, timeout=1)
    cache.set("new", 1, timeout=10**6)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shopops_cache SET expires = expires - interval '3 days' WHERE cache_key LIKE '%%old'")

    night()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shopops_cache WHERE cache_key LIKE '%%old'")
        assert cursor.fetchone()[0] == 0
    assert cache.get("new") == 1


def test_a_failed_night_asks_for_somebody(client_of):
    with acting(SYSTEM):
        KeepRun.objects.create(code="uploads", day=clock.today(), at=clock.now(), error="OSError: full")

    page = client_of("manager").get("/").content.decode()

    assert "Data past their days could not be removed" in page
