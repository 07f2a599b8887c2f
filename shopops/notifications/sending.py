"""Handing one mail to the mail server, and what is known of it afterwards."""

import logging
import smtplib
from enum import StrEnum

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What is known of a mail that was handed over."""

    SENT = "sent"
    NOT_SENT = "not_sent"  # nothing was said yet: it may be tried again
    REFUSED = "refused"
    UNKNOWN = "unknown"  # it may have left


def hand_over(mail: EmailMessage) -> tuple[Outcome, str]:
    """Give a mail to the server; return what is known and the server's words."""
    backend: BaseEmailBackend = get_connection()
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome.NOT_SENT, f"{type(error).__name__}: {error}"
    try:
        mail.connection = backend
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError, UnicodeError) as error:
        return Outcome.REFUSED, f"{type(error).__name__}: {error}"
    except (OSError, smtplib.SMTPException) as error:
        return Outcome.UNKNOWN, f"{type(error).__name__}: {error}"
    finally:
        _hang_up(backend)
    return Outcome.SENT, ""


def _hang_up(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        logger.info("mail server hung up first")
