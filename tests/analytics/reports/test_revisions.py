"""What a report says, when it is made again, and who hears of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from analytics.reports import mailing, services, workbooks
from analytics.reports.models import Mailing, Report, Revision
from analytics.reports.reading import read
from analytics.reports.steps import outdate, owe_reports
from products.sales import planning
from products.sales.refresh import rebuild
from shopops import clock
from shopops.jobs.models import Job
from shopops.jobs.services import perform
from tests.factories.orders import make_channel, make_customer, make_order, make_refund

DAY = date(2026, 3, 23)  # a Monday
MORNING = datetime(2026, 3, 23, 22, 30, tzinfo=UTC)  # 06:30 of the 24th in Shanghai


@pytest.fixture(autouse=True)
def _quiet_morning(settings, monkeypatch):
    settings.REPORTS_FROM = "2026-03-23"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    at(monkeypatch, MORNING)


def at(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)


def at_work(now):
    owe_reports(now=now)
    for pk in Job.objects.filter(kind=services.MAKE, state="queued").order_by("pk").values_list("pk", flat=True):
        assert perform(pk) == "done"


@pytest.fixture
def store(db):
    """Two channels, two weeks: 300.00 − 50.00 on the day, 200.00 a week before."""
    tmall = make_channel("tmall", data_from=MORNING - timedelta(days=30), data_through=MORNING)
    make_channel("jd", data_from=MORNING - timedelta(days=30), data_through=MORNING - timedelta(hours=10))
    old = make_customer("old")
    make_order(tmall, paid="200.00", created="2026-03-16 10:00", customer=old)
    kept = make_order(tmall, lines=[("A1", 2, "100")], created="2026-03-23 10:00", customer=old)
    make_order(tmall, lines=[("B2", 1, "100")], created="2026-03-23 11:00", customer=make_customer("new"))
    make_refund(kept, "50.00", done="2026-03-23 20:00", reason="too small")
    make_order(tmall, created="2026-03-23 12:00", paid_at=None, state="unpaid")
    rebuild()
    return tmall


def rows(section, day=DAY):
    revision = Revision.objects.filter(report__day=day).order_by("-number").first()
    return {
        row.get("metric") or row.get("factor") or row.get("title") or row.get("reason") or row.get("check"): row
        for table in revision.figures["sections"][section]
        for row in table["rows"]
    }


def test_the_headline_stands_beside_last_weeks_same_weekday_and_the_plan(store, make_user):
    planning.set_plan(
        date(2026, 3, 1), "CNY", amount=Decimal("1000.00"), weights=[], version=0, by=make_user("manager")
    )

    at_work(MORNING)

    head = rows("headline")
    assert {name: (row["value"], row["week"]) for name, row in head.items()} == {
        "paid": ("300.0000", "200.0000"),
        "net": ("250.0000", "200.0000"),
        "refunds": ("50.0000", "0"),
        "orders": ("2", "1"),
        "buyers": ("2", "1"),
        "pieces": ("3", "1"),
        "aov_buyer": ("150.000000", "200.000000"),
        "upt": ("1.500000", "1.000000"),
    }
    assert (head["net"]["plan"], head["net"]["month"]) == ("741.94", "450.0000")
    assert (head["paid"]["week_change"], head["refunds"]["week_change"]) == ("0.5000", "new")


def test_causes_add_up_and_the_status_names_what_is_missing(store):
    at_work(MORNING)

    causes = rows("causes")
    assert (causes["buyers"]["effect"], causes["aov_order"]["effect"], causes["paid"]["effect"]) == (
        "170.95",
        "-70.95",
        "100.00",
    )
    assert set(rows("status")) == {"lag", "gap"}
    assert rows("refunds")["too small"]["amount"] == "50.0000"
    assert [(row["new_buyers"] if "new_buyers" in row else row["value"]) for row in rows("buyers").values()] == [
        "2",
        "1",
        "1",
    ]
    assert rows("unpaid")["unpaid_orders"]["value"] == "1"


def test_before_six_the_report_waits_for_every_daily_channel(store):
    at_work(datetime(2026, 3, 23, 21, 59, tzinfo=UTC))
    assert Revision.objects.count() == 0

    at_work(datetime(2026, 3, 23, 22, 0, tzinfo=UTC))
    assert Revision.objects.count() == 1


def test_after_midnight_it_is_made_at_once_when_all_data_are_there(store):
    store.__class__.objects.filter(code="jd").update(data_through=MORNING)

    at_work(datetime(2026, 3, 23, 16, 1, tzinfo=UTC))

    assert Revision.objects.count() == 1


def test_late_orders_restate_the_day_and_the_former_figure_stays(store, monkeypatch):
    at_work(MORNING)
    make_order(store, paid="1.00", created="2026-03-23 23:00")
    rebuild()

    outdate([], None)
    at(monkeypatch, MORNING + timedelta(minutes=5))
    at_work(MORNING + timedelta(minutes=5))

    first, second = Revision.objects.order_by("number")
    assert (first.number, second.number, second.cause) == (1, 2, "late")
    changes = {row["metric"]: (row["sent"], row["now"]) for row in read(second).changes}
    assert changes["Paid"] == ("300.00", "301.00")
    assert changes["Orders"] == ("2", "3")
    assert Report.objects.get().stale_since is None


def test_an_import_that_changes_nothing_makes_no_revision(store, monkeypatch):
    at_work(MORNING)

    outdate([], None)
    services.mark_stale([DAY], now=MORNING)
    for minutes in (5, 10):
        at(monkeypatch, MORNING + timedelta(minutes=minutes))
        at_work(MORNING + timedelta(minutes=minutes))

    assert Revision.objects.count() == 1


def subscriber(make_user, name):
    user = make_user("analyst", username=name, email=f"{name}@example.com")
    services.subscribe(user, wants=True)
    return user


def test_each_subscriber_gets_one_mail_with_all_caught_up_days(store, settings, make_user):
    settings.REPORTS_FROM = "2026-03-21"
    for name in ("ann", "bo"):
        subscriber(make_user, name)
    at_work(MORNING)

    sent = [mailing.send_owed(now=MORNING) for _again in range(3)]

    assert sent == [2, 0, 0]
    assert sorted(message.to[0] for message in mail.outbox) == ["ann@example.com", "bo@example.com"]
    assert "3 days up to Mon 23 Mar" in mail.outbox[0].subject
    assert "Net sales: 250.00, same weekday last week 200.00 (▲ 25.0%)" in mail.outbox[0].body
    assert mail.outbox[0].alternatives[0][1] == "text/html"
    assert set(Mailing.objects.values_list("state", flat=True)) == {"sent"}
    assert Mailing.objects.count() == 6


@pytest.mark.parametrize(
    ("place", "error", "state"),
    [
        ("open", ConnectionRefusedError("down"), "pending"),
        ("send_messages", SMTPDataError(554, b"no"), "failed"),
        ("send_messages", SMTPServerDisconnected("gone"), "unknown"),
        ("send_messages", TimeoutError("slow"), "unknown"),
    ],
)
def test_a_mail_in_doubt_is_never_sent_again_by_itself(store, make_user, monkeypatch, place, error, state):
    subscriber(make_user, "ann")
    at_work(MORNING)

    def fail(*_args):
        raise error

    monkeypatch.setattr(EmailBackend, place, fail)
    mailing.send_owed(now=MORNING)
    monkeypatch.undo()
    again = mailing.send_owed(now=MORNING + timedelta(seconds=10))

    assert Mailing.objects.get().state == state
    assert again == 0
    if state == "pending":
        assert mailing.send_owed(now=MORNING + timedelta(minutes=2)) == 1


def test_a_sender_that_vanished_leaves_an_unknown_mail_not_a_second_one(store, make_user):
    subscriber(make_user, "ann")
    at_work(MORNING)
    Mailing.objects.update(state="inflight", inflight_at=MORNING)

    mailing.give_up_lost(now=MORNING + timedelta(minutes=6))

    assert Mailing.objects.get().state == "unknown"
    assert mailing.send_owed(now=MORNING + timedelta(minutes=7)) == 0


def test_control_a_mailing_put_back_to_pending_would_be_sent_twice(store, make_user):
    subscriber(make_user, "ann")
    at_work(MORNING)
    mailing.send_owed(now=MORNING)
    Mailing.objects.update(state="pending")
    mailing.send_owed(now=MORNING)

    assert len(mail.outbox) == 2


def test_a_person_without_address_is_told_so(store, make_user):
    with pytest.raises(services.Refused, match="no e-mail address"):
        services.subscribe(make_user("analyst"), wants=True)


def test_a_day_that_is_not_over_has_no_report(store):
    with pytest.raises(services.NotOver):
        services.ask(date(2026, 3, 24), by=None, now=MORNING)


def test_the_workbook_has_number_cells_and_a_chart_and_no_formula(store):
    from zipfile import ZipFile

    make_order(store, lines=[("=1+1", 1, "100")], created="2026-03-23 11:30")
    rebuild()
    at_work(MORNING)

    book = ZipFile(workbooks.write(Revision.objects.get()))

    names = book.namelist()
    sheets = "".join(book.read(name).decode() for name in names if name.startswith("xl/worksheets/sheet"))
    strings = book.read("xl/sharedStrings.xml").decode()
    assert any(name.startswith("xl/charts/") for name in names)
    assert "<v>400</v>" in sheets
    assert "<f>" not in sheets
    assert "Asia/Shanghai" in strings
    assert "=1+1" in strings
