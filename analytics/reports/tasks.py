from celery import shared_task

from analytics.reports import mailing
from shopops import clock


@shared_task
def send_mails() -> None:
    """Send the report mails that are owed; safe to lose and to double."""
    mailing.send_owed(now=clock.now())
