from datetime import datetime

from analytics.reports import mailing, services


def owe_reports(*, now: datetime) -> None:
    """Ensure the row of every past day and the job of every report that can be made."""
    services.ensure_days(now)
    services.ensure_jobs(now)


def send_what_is_owed(*, now: datetime) -> None:
    """Name lost mails and wake the sender."""
    mailing.give_up_lost(now=now)
    mailing.wake_if_owed(now=now)


EACH_MINUTE = [owe_reports, send_what_is_owed]
