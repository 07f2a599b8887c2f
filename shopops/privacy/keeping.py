"""How long each class of data is kept, and the night's job that clears what is past its days.

Topics register ``RULES`` in their ``retention.py``. A rule whose data are kept for ever says so with
``sweep=None``: it stands on the page all the same.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError
from django.utils.translation import gettext as _

from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.jobs import services as jobs
from shopops.privacy.models import KeepDays, KeepRun
from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.jobs.services import Claim

logger = logging.getLogger(__name__)
SWEEP: Final = "shopops.privacy.keeping.sweep"  # the job's kind
MOST_DAYS: Final = 3653
RUNS_KEPT: Final = 400  # days


@dataclass(frozen=True)
class Retention:
    """One class of data: what it is, why it may be kept, how long, and what removes it.

    ``sweep`` is called with the moment before which data are past their days, and returns how many
    it removed; it may be repeated, and leaves what is left to the next night where there is much.
    """

    code: str
    label: Words
    what: Words
    basis: Words
    default_days: int
    least_days: int = 1
    sweep: Callable[[datetime], int] | None = None


def rules() -> dict[str, Retention]:
    """Return every rule by code, lowest floor first."""
    return {item.code: item for item in registered("retention", "RULES") if isinstance(item, Retention)}


def days_of() -> dict[str, int]:
    """Return how many days each class is kept: as people decided, else as the program does."""
    chosen = dict(KeepDays.objects.values_list("code", "days"))
    return {code: max(rule.least_days, chosen.get(code, rule.default_days)) for code, rule in rules().items()}


def keep(code: str, days: int, *, by: "User") -> None:
    """Decide how long a class of data is kept. Raises Refused below what the law or the program needs."""
    rule = rules()[code]
    if rule.sweep is None:
        raise Refused(_("This is kept for good."))
    if not rule.least_days <= days <= MOST_DAYS:
        raise Refused(_("Between %(least)s and %(most)s days.") % {"least": rule.least_days, "most": MOST_DAYS})
    if days == days_of()[code]:
        return
    with acting(by):
        KeepDays.objects.update_or_create(
            code=code, defaults={"days": days, "changed_by": by, "changed_at": clock.now()}
        )


def ensure_sweep(*, now: datetime) -> None:
    """Make sure today's clearing has its job. Safe in any number of copies."""
    day = clock.store_day(now).isoformat()
    jobs.ensure(SWEEP, day, arguments={"day": day}, queue="default")


def sweep(claim: "Claim", *, day: str) -> None:
    """Clear every class of data (what the job does). One that fails is noted and does not stop the others."""
    now, days = clock.now(), days_of()
    for code, rule in rules().items():
        if rule.sweep is None:
            continue
        claim.renew(phase=code[:32])
        begun, removed, error = perf_counter(), 0, ""
        try:
            removed = rule.sweep(now - timedelta(days=days[code]))
        except (DatabaseError, OSError, Refused) as problem:
            logger.exception("retention failed", extra={"rule": code})
            error = f"{type(problem).__name__}: {problem}"[:300]
        KeepRun.objects.update_or_create(
            code=code,
            day=day,
            defaults={"at": now, "removed": removed, "seconds": perf_counter() - begun, "error": error},
        )
    KeepRun.objects.filter(at__lt=now - timedelta(days=RUNS_KEPT)).delete()


def latest() -> dict[str, KeepRun]:
    """Return each rule's newest run."""
    return {run.code: run for run in KeepRun.objects.order_by("code", "-at").distinct("code")}
