from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.privacy.models import Request
from shopops.privacy.requests import NEAR
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class RequestTable(Table):
    number = Column(gettext_lazy("Request"), reads=("pk",), fixed=True, phone=1, code=True)
    kind = Column(gettext_lazy("What they ask for"), format="words", phone=3)
    state = Column(gettext_lazy("State"), format="badge", phone=2)
    due_day = Column(gettext_lazy("To be answered by"), reads=("due_day",), format="day", phone=4)
    received_day = Column(gettext_lazy("Received on"), format="day")
    way = Column(gettext_lazy("How it came"), format="words", hidden=True)
    created_by = Column(gettext_lazy("Taken down by"), reads=("created_by.full_name", "created_by.username"))
    closed_at = Column(gettext_lazy("Closed at"), format="moment", hidden=True)

    def url(self, row: Request) -> str:
        return row.get_absolute_url()

    def show_number(self, row: Request) -> Cell:
        return Cell(self.file_number(row.pk), href=row.get_absolute_url(), css="so-strong")

    def file_number(self, pk: int) -> str:
        return f"#{pk}"

    def show_due_day(self, row: Request) -> Cell:
        return Cell(formats.day(row.due_day), tone=deadline_tone(row))

    def show_created_by(self, row: Request) -> str:
        return str(row.created_by)

    def file_created_by(self, full_name: str, username: str) -> str:
        return full_name or username


def deadline_tone(item: Request) -> str:
    """Return how urgent a request is: bad past its day, warn shortly before."""
    if item.closed_at is not None:
        return ""
    today = clock.today()
    return "bad" if item.due_day < today else "warn" if item.due_day - today <= NEAR else ""


def deadline_words(item: Request) -> str:
    """Return how much time is left: "3 days left", "2 days late"."""
    days = (item.due_day - clock.today()).days
    if days < 0:
        return _("%(days)s days late") % {"days": -days}
    return _("due today") if not days else _("%(days)s days left") % {"days": days}
