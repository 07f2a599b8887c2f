"""Promise P7: a report exists exactly once for every store day, whatever happens to clock, beat and workers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, connections

from analytics.reports import services
from analytics.reports.models import Report, Revision
from analytics.reports.steps import owe_reports
from shopops import clock
from shopops.jobs.models import Job
from shopops.jobs.services import LeaseLost, claim, perform

MARCH_10 = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture(autouse=True)
def _first_night(settings):
    settings.REPORTS_FROM = "2026-03-01"


def days_of(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def present():
    return list(Report.objects.order_by("day").values_list("day", flat=True))


def run_night(now):
    """Ensure what is owed at ``now`` and do every open job."""
    owe_reports(now=now)
    for pk in Job.objects.filter(kind=services.MAKE, state="queued").order_by("pk").values_list("pk", flat=True):
        perform(pk)


@pytest.mark.django_db
def test_all_days_up_to_yesterday_are_owed_however_long_beat_was_away():
    owe_reports(now=MARCH_10)

    assert present() == days_of(date(2026, 3, 1), date(2026, 3, 9))


@pytest.mark.django_db
def test_a_clock_that_jumps_forward_and_back_leaves_neither_hole_nor_double():
    for shift in (timedelta(), timedelta(days=1), timedelta(days=9), -timedelta(hours=2), timedelta(days=9)):
        run_night(MARCH_10 + shift)

    assert present() == days_of(date(2026, 3, 1), date(2026, 3, 18))
    assert list(Revision.objects.values_list("number", flat=True).distinct()) == [1]
    assert Revision.objects.count() == 18


@pytest.mark.django_db
@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_days_of_a_zone_with_summer_time_are_owed_once_each(settings, hour):
    """8 March 2026 has 23 hours in New York, 1 November 25."""
    settings.STORE_TIME_ZONE = "America/New_York"
    settings.REPORTS_FROM = "2026-03-06"

    for month, first in ((3, 6), (10, 30)):
        moment = datetime(2026, month, first, hour, tzinfo=UTC)
        for half_hours in range(6 * 48):
            services.ensure_days(moment + timedelta(minutes=30 * half_hours))

    last = Report.objects.order_by("-day").first().day
    assert present() == days_of(date(2026, 3, 6), last)
    assert last >= date(2026, 11, 3)


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_three_workers_at_once_make_each_report_once():
    def beat(_number):
        try:
            owe_reports(now=MARCH_10)
        finally:
            connections.close_all()

    def worker(_number):
        try:
            for pk in Job.objects.filter(kind=services.MAKE).order_by("pk").values_list("pk", flat=True):
                perform(pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(beat, range(4)))
        list(pool.map(worker, range(3)))

    assert present() == days_of(date(2026, 3, 1), date(2026, 3, 9))
    assert sorted(Revision.objects.values_list("report__day", "number")) == [(day, 1) for day in present()]
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_control_without_the_uniqueness_the_same_ticks_double_the_days():
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE analytics_report DROP CONSTRAINT analytics_report_day_key")
        for _tick in range(2):
            cursor.execute(
                "INSERT INTO analytics_report (day, state, created_at) VALUES ('2026-03-01', 'due', '2026-03-02')"
            )

    assert Report.objects.filter(day="2026-03-01").count() == 2


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_writes_nothing():
    owe_reports(now=MARCH_10)
    job = Job.objects.filter(kind=services.MAKE).order_by("pk").first()
    zombie = claim(job.pk, now=MARCH_10)
    heir = claim(job.pk, now=MARCH_10 + timedelta(minutes=5))

    with pytest.raises(LeaseLost):
        services.make(zombie, **job.arguments)
    assert Revision.objects.count() == 0
    services.make(heir, **job.arguments)
    assert Revision.objects.count() == 1


@pytest.mark.django_db
def test_a_job_done_twice_makes_one_revision():
    owe_reports(now=MARCH_10)
    job = Job.objects.filter(kind=services.MAKE).order_by("pk").first()
    first = claim(job.pk, now=MARCH_10)
    services.make(first, **job.arguments)

    second = claim(job.pk, now=clock.now() + timedelta(minutes=5))  # killed after the commit, before "done"
    services.make(second, **job.arguments)

    assert Revision.objects.count() == 1


@pytest.mark.django_db
def test_importing_old_years_owes_no_reports_of_them(settings):
    settings.REPORTS_FROM = "2026-03-09"

    owe_reports(now=MARCH_10)

    assert present() == [date(2026, 3, 9)]


@pytest.mark.django_db
def test_without_a_setting_the_first_night_is_the_day_of_set_up(settings):
    settings.REPORTS_FROM = ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied) FROM django_migrations")
        applied = cursor.fetchone()[0]

    assert services.reports_from() == clock.store_day(applied)
