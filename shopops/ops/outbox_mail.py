"""Mails that do not leave, because there is no mail server or sending is stopped: kept for the outbox page."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from shopops import clock
from shopops.ops import sending
from shopops.ops.models import Mail

KEEP: Final = timedelta(days=90)


class OutboxBackend(BaseEmailBackend):
    """Stores each message in the same transaction as the work that wrote it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the messages that have recipients; return how many. Those older than 90 days go."""
        now = clock.now()
        rows = [
            Mail(
                created_at=now,
                sender=message.from_email,
                recipients=message.recipients(),
                subject=message.subject,
                text=message.body,
                source=message.message().as_bytes(),
            )
            for message in email_messages
            if message.recipients()
        ]
        Mail.objects.bulk_create(rows)
        Mail.objects.filter(created_at__lt=now - KEEP).delete()
        return len(rows)


class GuardedBackend(BaseEmailBackend):
    """The way out: to the mail server where this installation may send, else to the outbox."""

    _server: BaseEmailBackend | None = None

    def open(self) -> bool:
        """Reach the mail server where mail may leave: a server that is down is known before anything is handed over."""
        if not sending.state().allowed:
            return False
        self._server = get_connection(settings.MAIL_SERVER_BACKEND, fail_silently=self.fail_silently)
        return bool(self._server.open())

    def close(self) -> None:
        """Hang up."""
        if self._server is not None:
            self._server.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send or keep the messages; return how many."""
        if not sending.state().allowed:
            return OutboxBackend().send_messages(email_messages)
        server = self._server or get_connection(settings.MAIL_SERVER_BACKEND, fail_silently=self.fail_silently)
        return server.send_messages(list(email_messages)) or 0
