"""The manager's first lines: every planted fault is named, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from analytics.quality import services as quality
from analytics.reports import services as reports
from products.channels.models import Channel, ChannelSpan
from products.sales.refresh import rebuild
from shopops import clock
from shopops.dashboard.board import board_of
from shopops.dashboard.registry import needs
from shopops.exchange.models import ImportBatch, Upload
from shopops.history.actor import SYSTEM, acting
from tests.factories.orders import make_channel, make_order, make_refund

NOW = datetime(2026, 3, 24, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
FIRST = NOW - timedelta(days=40)


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch, settings):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.REPORTS_FROM = "2026-03-23"


def make_batch(shop, state="done", first=None, last=None, name="orders.csv"):
    with acting(SYSTEM):
        upload = Upload.objects.create(sha256=b"0" * 32, name=name, size=1, created_at=NOW)
        batch = ImportBatch.objects.create(
            upload=upload, channel_code=shop.code, state=state, created_at=NOW - timedelta(hours=3)
        )
        if first:
            ChannelSpan.objects.create(channel=shop, batch=batch, first_day=first, last_day=last)
    return batch


def make_shop(code, *, without=(), uncovered=(), **fields):
    """Make a channel with a finished order on each of forty days, but those ``without``."""
    shop = make_channel(code, **{"data_from": FIRST, "data_through": NOW, **fields})
    days = [clock.store_day(FIRST) + timedelta(days=number) for number in range(41)]
    for day in days:
        if day not in without:
            noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
            make_order(shop, paid="10", created=noon, state="finished", due_at=None)
        if day not in uncovered:
            make_batch(shop, first=day, last=day)
    return shop


def shown(user):
    request = RequestFactory().get("/")
    request.user = user
    return {need.code: need.count for need in needs(board_of(request))}


@pytest.fixture
def manager(make_user):
    return make_user("manager")


@pytest.mark.django_db
def test_a_store_without_faults_needs_nobody(manager):
    make_shop("good")
    rebuild()
    reports.ensure_days(NOW)
    reports.Report.objects.update(state="made")

    assert shown(manager) == {}


@pytest.mark.django_db
def test_twelve_planted_faults_are_shown_and_nothing_else(manager):
    today = clock.store_day(NOW)
    gap, zero = today - timedelta(days=9), today - timedelta(days=5)
    shop = make_shop("tmall", without=(gap, zero), uncovered=(gap,))
    make_shop("jd", data_through=NOW - timedelta(hours=20))
    with acting(SYSTEM):
        make_channel("fresh")
    make_batch(shop, "refused", name="bad.csv")
    make_batch(shop, "interrupted", name="half.csv")
    make_order(shop, created=NOW - timedelta(hours=5), paid_at=None, state="unpaid")
    make_order(shop, created=NOW - timedelta(hours=60), paid="5", state="paid", due_at=NOW - timedelta(hours=12))
    make_order(shop, created=NOW - timedelta(hours=46), paid="5", state="paid", due_at=NOW + timedelta(hours=2))
    returned = make_order(shop, created=NOW - timedelta(days=2), paid="5", state="finished", due_at=None)
    make_refund(returned, "5", state="open", done=None, requested_at=NOW - timedelta(hours=30))
    rebuild()
    quality.store(quality.ROLLUPS, today, [{"channel": "tmall", "day": str(gap)}], now=NOW)
    reports.ensure_days(NOW)
    reports.Report.objects.filter(day=today - timedelta(days=1)).update(state="due")

    assert shown(manager) == {
        "gap:tmall": 1,
        "zero:tmall": 1,
        "lag:jd": 1,
        "lag:fresh": 1,
        "import_refused": 1,
        "import_interrupted": 1,
        "rollups": 1,
        "unpaid": 1,
        "overdue": 1,
        "near": 1,
        "refunds": 1,
        "reports": 1,
    }


@pytest.mark.django_db
def test_a_file_imported_well_after_all_is_no_longer_asked_about(manager):
    shop = make_shop("good")
    make_batch(shop, "refused", name="again.csv")
    make_batch(shop, "done", name="again.csv")
    rebuild()

    assert "import_refused" not in shown(manager)


@pytest.mark.django_db
def test_people_see_only_what_their_permissions_reach(make_user):
    shop = make_channel("fresh")
    make_batch(shop, "refused")

    assert shown(make_user("hr_officer")) == {}


@pytest.mark.django_db
def test_the_check_finds_a_roll_up_that_differs_and_remembers_since_when():
    from products.sales.models import SalesDay

    shop = make_shop("good")
    rebuild()
    today = clock.store_day(NOW)
    assert quality.checking.differences() == []

    SalesDay.objects.filter(channel=shop, basis="paid", day=today - timedelta(days=3)).update(paid=11)
    found = quality.checking.differences()
    quality.store(quality.ROLLUPS, today - timedelta(days=1), found, now=NOW - timedelta(days=1))
    run = quality.store(quality.ROLLUPS, today, found, now=NOW)

    assert [(row["table"], row["channel"], row["column"], row["facts"], row["rollup"]) for row in found] == [
        ("salesday paid", "good", "paid", "10", "11")
    ]
    assert run.count == 1
    assert run.first_found_at == NOW - timedelta(days=1)
    assert quality.store(quality.ROLLUPS, today, [], now=NOW).first_found_at is None
    assert Channel.objects.count() == 1
