"""The nightly report: owed for every store day, made once, revised when data come late (promise P7).

Beat and sweepers only ensure rows: the days are counted here, from the store's own calendar, so
nights without beat, doubled ticks and moved clocks leave neither a hole nor a second report.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from analytics.reports import gathering
from analytics.reports.models import Mailing, Report, Revision, Subscription
from products.channels.models import Channel
from products.sales import sums
from shopops import clock
from shopops.access.scopes import is_limited
from shopops.accounts.models import User
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.jobs import services as jobs
from shopops.jobs.models import Job

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

MAKE: Final = "analytics.reports.services.make"  # the job's kind
QUEUE: Final = "reports"
AT_THE_LATEST: Final = time(6)  # store time of the next morning
SETTLE: Final = timedelta(minutes=2)  # several files in a row make one revision
TRY_AGAIN: Final = timedelta(hours=1)  # a failed making
AT_ONCE: Final = 50  # days whose jobs one sweep ensures


class NotOver(Refused):
    """The day has not ended: its figures would not be a day's."""


def reports_from() -> date:
    """Return the first store day that owes a report: setting REPORTS_FROM, else the day of set-up."""
    if settings.REPORTS_FROM:
        return date.fromisoformat(settings.REPORTS_FROM)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied) FROM django_migrations")
        return clock.store_day(cursor.fetchone()[0])


def ensure_days(now: datetime) -> int:
    """Make sure every store day up to yesterday has its row; return how many were missing."""
    yesterday = clock.store_day(now) - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO analytics_report (day, state, created_at)
            SELECT d::date, 'due', %(now)s FROM generate_series(%(first)s::date, %(last)s::date, '1 day') d
            WHERE NOT EXISTS (SELECT FROM analytics_report r WHERE r.day = d::date)
            ON CONFLICT (day) DO NOTHING
            """,
            {"now": now, "first": reports_from(), "last": yesterday},
        )
        missing: int = cursor.rowcount
        return missing


def is_ready(day: date, channels: list[Channel], now: datetime) -> bool:
    """Say whether a day's report can be made: all data there, or 06:00 of the next morning."""
    end = clock.day_range(day)[1]
    if now < end:
        return False
    if channels and all(channel.data_through and channel.data_through >= end for channel in channels):
        return True
    return now >= latest(day)


def latest(day: date) -> datetime:
    """Return when a day's report is made whatever is missing."""
    return datetime.combine(day + timedelta(days=1), AT_THE_LATEST, clock.store_zone())


def ensure_jobs(now: datetime) -> int:
    """Give every report that can be made, or has to be made again, its job; return how many are open."""
    channels = list(Channel.objects.selling_daily())
    wanted = [
        report
        for report in Report.objects.open()[: AT_ONCE * 4]
        if (
            is_ready(report.day, channels, now)
            if report.state == Report.State.DUE
            else report.stale_since is not None and report.stale_since <= now - SETTLE
        )
    ][:AT_ONCE]
    numbers = _newest_numbers(wanted)
    for report in wanted:
        _ensure_job(
            report, numbers.get(report.pk, 0) + 1, "late" if report.state == Report.State.MADE else "night", now=now
        )
    return len(wanted)


def _newest_numbers(reports: list[Report]) -> dict[int, int]:
    rows = (
        Revision.objects.filter(report__in=[report.pk for report in reports])
        .values_list("report")
        .annotate(Max("number"))
    )
    return dict(rows)


def _ensure_job(report: Report, number: int, cause: str, *, now: datetime, by: "User | None" = None) -> Job:
    job, made = jobs.ensure(
        MAKE,
        f"{report.day.isoformat()}#{number}",
        arguments={"report": report.pk, "number": number, "cause": cause, "by": by.pk if by else None},
        queue=QUEUE,
        by=by,
    )
    if not made:
        # Done without a revision (nothing had changed then), or given up: there is reason to try again.
        over = Job.objects.filter(pk=job.pk, state__in=(Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED))
        if by is None:
            over = over.exclude(state=Job.State.FAILED, finished_at__gt=now - TRY_AGAIN)
        over.update(state=Job.State.QUEUED, attempts=0, not_before=None, error="", finished_at=None)
    return job


def ask(day: date, *, by: "User | None", now: datetime) -> Job:
    """Ask for a new revision of any past day; return its job. Raises NotOver."""
    if day >= clock.store_day(now):
        raise NotOver(_("The day is not over: its report can be made after midnight."))
    with acting(by or SYSTEM):
        report, _made = Report.objects.get_or_create(day=day, defaults={"created_at": now})
        number = _newest_numbers([report]).get(report.pk, 0) + 1
        job = _ensure_job(report, number, "asked", now=now, by=by)
        jobs.wake("shopops.jobs.tasks.perform", job.pk)
    return job


def make(claim: "Claim", *, report: int, number: int, cause: str, by: int | None = None) -> None:
    """Make one revision: figures, status and the mails it owes, all in one transaction, or nothing.

    The transaction sees one moment of the data (repeatable read) and holds the job's row, so a worker
    that lost its lease cannot commit. A revision that is there already is not made again.
    """
    began = perf_counter()
    claim.renew(phase="figures")
    with transaction.atomic():
        _one_moment()
        claim.hold()
        now = clock.now()
        row = Report.objects.select_for_update().get(pk=report)
        before = row.revisions.order_by("-number").first()
        if _is_settled(row, before, number, cause):
            return
        figures = gathering.gather(row.day, now=now, before=before)
        if cause != "late" or before is None or gathering.differ(before.figures, figures):
            revision = Revision.objects.create(
                report=row,
                number=number,
                figures=figures,
                data_through=figures["data_through"],
                made_at=now,
                seconds=Decimal(f"{perf_counter() - began:.2f}"),
                made_by_id=by,
                cause=cause,
            )
            if cause != "asked":
                _owe_mails(revision)
        Report.objects.filter(pk=report).update(state=Report.State.MADE, stale_since=None)
    if Mailing.objects.filter(state=Mailing.State.PENDING).exists():
        with transaction.atomic():
            jobs.wake("analytics.reports.tasks.send_mails")


def _is_settled(row: Report, before: Revision | None, number: int, cause: str) -> bool:
    """Say whether another job has done meanwhile what this one was for.

    A job may be ensured by a sweeper that read the report as due just before another made it.
    """
    if before is not None and before.number >= number:
        return True
    if cause == "night":
        return row.state == Report.State.MADE
    return cause == "late" and row.stale_since is None


def _one_moment() -> None:
    # Only the outermost transaction can choose; inside another one (tests) the caller has chosen.
    if not connection.needs_rollback and len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _owe_mails(revision: Revision) -> int:
    wanted = Subscription.objects.filter(~Q(user__email="")).values("user")
    people = User.objects.with_permissions().filter(pk__in=wanted, is_active=True)
    owed = [Mailing(user=person, revision=revision) for person in people if not is_limited(person, "reports.view")]
    return len(Mailing.objects.bulk_create(owed, ignore_conflicts=True))


def send_to_all(revision: Revision, *, by: User) -> int:
    """Owe a revision to every subscriber who has not had it; return how many mails that makes."""
    with acting(by):
        had = Mailing.objects.filter(revision=revision).count()
        _owe_mails(revision)
        jobs.wake("analytics.reports.tasks.send_mails")
        return Mailing.objects.filter(revision=revision).count() - had


def mark_outdated(*, now: datetime) -> int:
    """Mark the reports whose day's roll-ups no longer are what the newest revision was made from.

    Run after each import and each night, it needs no list of changed days: whatever changed them
    (another file, an undo, a merge of two buyers), the sums kept with the revision tell.
    """
    kept = dict(
        Revision.objects.filter(report__state=Report.State.MADE, report__stale_since=None)
        .order_by("report__day", "-number")
        .distinct("report__day")
        .values_list("report__day", "figures__sums")
    )
    if not kept:
        return 0
    told = sums.told_of_days(min(kept), max(kept))
    days = [day for day, sums_then in kept.items() if sums_then != told.get(day, {})]
    return mark_stale(days, now=now)


def mark_stale(days: list[date], *, now: datetime) -> int:
    """Note that the facts of ``days`` changed after their report was made."""
    return Report.objects.filter(day__in=days).update(stale_since=Least(F("stale_since"), now))


def subscribe(user: User, *, wants: bool) -> None:
    """Begin or end somebody's report by e-mail. Raises Refused without an address, or where it tells too much."""
    if wants and is_limited(user, "reports.view"):
        raise Refused(_("The report tells of every channel; you see some of them."))
    if wants and not user.email:
        raise Refused(_("Your log-in has no e-mail address: ask the administrator to add one."))
    with acting(user):
        if wants:
            Subscription.objects.get_or_create(user=user)
        else:
            Subscription.objects.filter(user=user).delete()
