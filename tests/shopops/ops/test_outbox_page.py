"""Without a mail server the administrator finds every mail here, and nobody else does."""

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from shopops.ops.models import Mail


@pytest.fixture
def mail(db):
    message = EmailMultiAlternatives("Daily <b>", "five lines", "a@example.com", ["lin@example.com"])
    message.attach_alternative("<p>five lines</p>", "text/html")
    message.attach("report.xlsx", b"PK", "application/octet-stream")
    get_connection("shopops.ops.outbox_mail.OutboxBackend").send_messages([message])
    return Mail.objects.get()


def test_a_mail_is_read_with_its_attachments_named(client_of, mail):
    page = client_of("administrator").get(reverse("ops:mail", kwargs={"pk": mail.pk})).content.decode()

    assert "five lines" in page
    assert "report.xlsx" in page
    assert "Daily &lt;b&gt;" in page


def test_the_file_is_the_whole_message(client_of, mail):
    answer = client_of("administrator").get(reverse("ops:mail_file", kwargs={"pk": mail.pk}))

    assert answer.content == bytes(mail.source)
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["ops:mail", "ops:mail_file"])
def test_others_do_not_see_it(client_of, mail, name):
    assert client_of("manager").get(reverse(name, kwargs={"pk": mail.pk})).status_code == 403
