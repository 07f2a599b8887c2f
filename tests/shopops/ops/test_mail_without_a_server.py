from datetime import timedelta
from email import message_from_bytes

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from shopops.ops.models import Mail


@pytest.fixture
def outbox(db):
    return get_connection("shopops.ops.outbox_mail.OutboxBackend")


def letter(**fields):
    defaults = {
        "subject": "昨日销售",
        "body": "paid 12.30",
        "to": ["manager@example.com"],
        "from_email": "shop@example.com",
    }
    return EmailMultiAlternatives(**defaults | fields)


def test_a_mail_is_kept_whole(outbox):
    message = letter(cc=["deputy@example.com"])
    message.attach_alternative("<p>paid 12.30</p>", "text/html")
    message.attach("report.xlsx", b"PK", "application/zip")

    assert outbox.send_messages([message]) == 1

    mail = Mail.objects.get()
    assert (mail.subject, mail.text, mail.sender) == ("昨日销售", "paid 12.30", "shop@example.com")
    assert mail.recipients == ["manager@example.com", "deputy@example.com"]
    parts = [part.get_content_type() for part in message_from_bytes(bytes(mail.source)).walk()]
    assert parts == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/zip"]


def test_a_mail_to_nobody_is_not_sent(outbox):
    assert outbox.send_messages([letter(to=[])]) == 0


def test_mails_are_kept_ninety_days(outbox):
    outbox.send_messages([letter(), letter()])
    first = Mail.objects.order_by("pk").first()
    Mail.objects.filter(pk=first.pk).update(created_at=first.created_at - timedelta(days=91))

    outbox.send_messages([letter()])

    assert Mail.objects.count() == 2
    assert not Mail.objects.filter(pk=first.pk).exists()
