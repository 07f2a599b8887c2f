from celery import shared_task

from shopops import clock
from shopops.notifications import mailing


@shared_task
def send_mails() -> None:
    """Send the notifications that are owed by e-mail; safe to lose and to double."""
    mailing.send_owed(now=clock.now())
