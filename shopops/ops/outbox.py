"""The administrator's outbox: mails this installation would have sent, had it a mail server."""

from email import message_from_bytes, policy
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shopops.access.declare import StaffRequest, access
from shopops.access.field_classes import PERSONAL
from shopops.errors import Refused
from shopops.exchange import register
from shopops.exchange.register import Kind, Taking, Told
from shopops.ops import sending
from shopops.ops.models import Mail
from shopops.ui.pages import ListPage, saved
from shopops.ui.tables import Cell, Column, Table
from shopops.words import listed


class MailTable(Table):
    subject = Column(_("Subject"), link=True, fixed=True, phone=1)
    recipients = Column(_("To"), phone=4)
    created_at = Column(_("Written"), format="moment", phone=2)

    def url(self, row: Mail) -> str:
        return reverse("ops:mail", kwargs={"pk": row.pk})

    def show_recipients(self, row: Mail) -> Cell:
        return Cell(listed(row.recipients[:3]) + (" …" if len(row.recipients) > 3 else ""))


class MailList(ListPage):
    permission = "operation.view"
    table = MailTable
    title = _("Outbox")
    order: ClassVar = ("-created_at", "-id")
    search_label = _("Subject")
    empty_title = _("No mails yet")
    empty_text = _("Without a mail server, reports and messages to staff are kept here instead of being sent.")
    template_name = "shopops/ops/outbox.html"

    def get_queryset(self) -> QuerySet[Mail]:
        return Mail.objects.defer("source", "text")

    def context(self) -> dict[str, Any]:
        return {"sending": sending.state(), "may_send": self.request.user.has_perm("operation.send")}

    def search(self, queryset: QuerySet[Mail], text: str) -> QuerySet[Mail]:
        return queryset.filter(subject__icontains=text)


@access("operation.send")
def change_sending(request: StaffRequest) -> HttpResponse:
    """Say whether anything leaves this installation; let it, or stop it."""
    if request.method != "POST":
        shown = {"title": _("Sending"), "sending": sending.state()}
        return render(request, "shopops/ops/sending.html", shown)
    sends = request.POST.get("sends") == "1"
    try:
        sending.change(sends=sends, by=request.user)
        text = str(_("This installation sends again.") if sends else _("Nothing leaves this installation now."))
    except Refused as refusal:
        text = str(refusal)
    return saved(request, text, reverse("ops:sending"))


@access("operation.view", methods=("GET",))
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail as text, with the names of what is attached."""
    found = get_object_or_404(Mail, pk=pk)
    message = message_from_bytes(bytes(found.source), policy=policy.default)
    parts = [part.get_filename() for part in message.iter_attachments() if part.get_filename()]
    return render(request, "shopops/ops/mail.html", {"title": found.subject, "mail": found, "attachments": parts})


@access("operation.view", methods=("GET",))
def mail_file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Give the whole message as a file a mail program opens."""
    found = get_object_or_404(Mail, pk=pk)
    wanted = Taking(
        Kind.MAIL,
        "ops:mail_file",
        "eml",
        lambda: Told(_("Mail #%(number)s") % {"number": pk}),
        classes=[PERSONAL],  # addresses of staff
        is_masked=False,
    )
    with register.taking(request.user, wanted) as taken:
        return register.answer(taken, f"mail-{found.pk}", bytes(found.source))
