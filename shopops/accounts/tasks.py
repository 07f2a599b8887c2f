from celery import shared_task

from shopops import clock
from shopops.accounts import forgotten, letters


@shared_task
def send_letters() -> None:
    """Send what is owed to people about their log-ins; safe to lose and to double."""
    now = clock.now()
    letters.send_owed(now=now)
    forgotten.send_asked(now=now)
