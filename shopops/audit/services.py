"""The nightly sealing of the history."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from shopops import clock
from shopops.history import sealing
from shopops.jobs import services as jobs

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

SEAL: Final = "shopops.audit.services.seal"  # the job's kind


def ensure_sealing(*, now: datetime) -> None:
    """Make sure that yesterday's changes are sealed by a job. Safe in any number of copies."""
    day = (clock.store_day(now) - timedelta(days=1)).isoformat()
    jobs.ensure(SEAL, day, arguments={"day": day}, queue="default")


def seal(claim: "Claim", *, day: str) -> None:
    """Seal what is not sealed up to the end of ``day``; while somebody writes long, the job comes again."""
    claim.renew(phase="seal")
    sealing.seal(through=date.fromisoformat(day), now=clock.now())
