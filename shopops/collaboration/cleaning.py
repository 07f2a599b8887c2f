"""What killed processes leave of brought files, cleared each night."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from shopops import clock
from shopops.collaboration import files
from shopops.jobs import services as jobs

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

CLEAN: Final = "shopops.collaboration.cleaning.clean"  # the job's kind


def ensure_cleaning(*, now: datetime) -> None:
    """Make sure today's cleaning has its job. Safe in any number of copies."""
    day = clock.store_day(now).isoformat()
    jobs.ensure(CLEAN, day, arguments={"day": day}, queue="default")


def clean(claim: "Claim", *, day: str) -> None:
    """Delete kept files no row names (what the job does)."""
    claim.renew(phase="files")
    files.remove_unnamed(now=clock.now())
