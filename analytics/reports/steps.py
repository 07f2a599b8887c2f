from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from analytics.reports import mailing, services, telling
from products.orders.following import AfterImport, Stage
from shopops import clock

if TYPE_CHECKING:
    from shopops.jobs.services import Claim


def owe_reports(*, now: datetime) -> None:
    """Ensure the row of every past day and the job of every report that can be made."""
    services.ensure_days(now)
    services.ensure_jobs(now)


def send_what_is_owed(*, now: datetime) -> None:
    """Name lost mails and wake the sender."""
    mailing.give_up_lost(now=now)
    mailing.wake_if_owed(now=now)


EACH_MINUTE = [owe_reports, send_what_is_owed, telling.tell_of_late, telling.tell_of_restated]


def outdate(_batches: Sequence[int], _claim: "Claim | None") -> None:
    """Find the reports whose day an import changed."""
    services.mark_outdated(now=clock.now())


AFTER_IMPORT = [AfterImport(Stage.LATER, outdate)]
