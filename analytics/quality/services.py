"""Nightly checks of the data whose result pages and reports read; they never scan the facts themselves."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from analytics.quality.models import CheckRun
from products.sales import checking
from shopops import clock
from shopops.jobs import services as jobs

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

CHECK: Final = "analytics.quality.services.check"  # the job's kind
ROLLUPS: Final = "rollups"
SHOWN: Final = 100


def ensure_check(now: datetime) -> bool:
    """Make sure today's check has its job; say whether it was missing. Safe in any number of copies."""
    day = clock.store_day(now)
    _job, made = jobs.ensure(CHECK, day.isoformat(), arguments={"day": day.isoformat()}, queue="reports")
    return made


def check(claim: "Claim", *, day: str) -> None:
    """Compare roll-ups with facts and store what differs, once a store day."""
    claim.renew(phase="rollups")
    found = checking.differences()
    with transaction.atomic():
        claim.hold()
        store(ROLLUPS, date.fromisoformat(day), found, now=clock.now())


def store(code: str, day: date, found: list[dict[str, Any]], *, now: datetime) -> CheckRun:
    """Keep a check's result; a red one remembers since when it is red."""
    before = newest(code)
    since = (before.first_found_at if before and before.count else None) or now
    run, _made = CheckRun.objects.update_or_create(
        check_code=code,
        day=day,
        defaults={
            "found": found[:SHOWN],
            "count": len({(row["channel"], row["day"]) for row in found}),
            "first_found_at": since if found else None,
            "checked_at": now,
        },
    )
    return run


def newest(code: str) -> CheckRun | None:
    return CheckRun.objects.filter(check_code=code).order_by("-day").first()
