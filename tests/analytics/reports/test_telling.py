"""Late and restated reports are told once to those who make reports."""

from datetime import UTC, date, datetime

import pytest

from analytics.reports import telling
from analytics.reports.models import Report, Revision
from shopops.notifications.message import address
from shopops.notifications.models import Notification

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 24)


def at(text):
    return datetime.fromisoformat(f"2026-03-{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(("now", "told"), [("25T06:29", 0), ("25T06:31", 1), ("27T12:00", 1)])
def test_a_report_is_told_late_half_an_hour_after_its_time_and_once(make_user, now, told):
    make_user("analyst")
    make_user("planner")
    Report.objects.create(day=DAY, created_at=at("25T00:00"))

    for _tick in range(2):
        telling.tell_of_late(now=at(now))

    assert [address(item) for item in Notification.objects.all()] == ["/reports/2026-03-24/"] * told


def test_a_report_that_is_made_is_not_late(make_user):
    make_user("analyst")
    Report.objects.create(day=DAY, created_at=at("25T00:00"), state="made")

    telling.tell_of_late(now=at("25T12:00"))

    assert not Notification.objects.exists()


@pytest.mark.parametrize(("number", "cause", "told"), [(1, "night", 0), (2, "late", 1), (2, "asked", 0)])
def test_a_report_that_changed_because_data_came_late_is_told_once(make_user, number, cause, told):
    make_user("analyst")
    report = Report.objects.create(day=DAY, created_at=at("25T00:00"), state="made")
    Revision.objects.create(report=report, number=number, figures={}, made_at=at("26T10:00"), cause=cause)

    for _tick in range(2):
        telling.tell_of_restated(now=at("26T10:01"))

    assert Notification.objects.filter(kind="reports.restated").count() == told
