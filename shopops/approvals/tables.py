from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shopops.approvals.models import Approval
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class ApprovalTable(Table):
    kind = Column(_("Request"), link=True, fixed=True, phone=1)
    asked = Column(_("What is asked"), phone=3)
    state = Column(_("State"), format="badge", phone=2)
    asked_by = Column(_("Asked by"), reads=("asked_by.full_name", "asked_by.username"), hidden=True)
    asked_at = Column(_("Asked"), format="moment", hidden=True)
    expires_at = Column(_("Decide until"), format="moment", reads=("expires_at",), phone=4)
    decided_by = Column(_("Decided by"))
    decided_at = Column(_("Decided"), format="moment", hidden=True)
    reason = Column(_("Reason"), hidden=True, code=True)
    note = Column(_("Note"), hidden=True, code=True)

    def url(self, row: Approval) -> str:
        return reverse("approvals:approval", kwargs={"pk": row.pk})

    def show_kind(self, row: Approval) -> Cell:
        return Cell(row.label)

    def show_asked(self, row: Approval) -> Cell:
        return Cell(row.value, second=f"{row.asked_by} · {formats.moment(row.asked_at)}", css="so-wrap")

    def show_asked_by(self, row: Approval) -> str:
        return str(row.asked_by)

    def file_asked_by(self, full_name: str, username: str) -> str:
        return full_name or username

    def show_expires_at(self, row: Approval) -> Cell:
        """A countdown while it waits."""
        if row.state != Approval.State.OPEN:
            return Cell(formats.moment(row.expires_at), css="so-time")
        words, tone = formats.countdown(row.expires_at)
        return Cell(words, title=formats.moment(row.expires_at), tone=tone)

    def show_decided_by(self, row: Approval) -> Cell:
        if row.alone:
            return Cell(str(_("Decided alone")), tone="warn")
        return Cell(str(row.decided_by or formats.ABSENT))
