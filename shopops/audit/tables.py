from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from shopops.audit.shown import decorate
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class ChangeTable(Table):
    at = Column(_("When and by whom"), fixed=True, phone=4)
    record = Column(_("Record"), phone=1)
    op = Column(_("What happened"), phone=2)
    fields = Column(_("What changed"), template="shopops/audit/_fields.html", phone=3)
    origin = Column(_("Request or import"), code=True)

    def __init__(self, rows: Iterable[Any], *, user: Any, chosen: Sequence[str] = ()) -> None:
        super().__init__(rows, user=user, chosen=chosen)
        decorate(self.rows, user)

    def show_at(self, row: Any) -> Cell:
        time = formats.moment(row.at)
        return Cell(time, second=row.who, title=formats.full_moment(row.at), href=row.own_url, css="so-time")

    def show_record(self, row: Any) -> Cell:
        return Cell(row.record_title, second=row.record_kind, href=row.record_url, code=True)

    def show_op(self, row: Any) -> str:
        return str(row.op_words)

    def show_origin(self, row: Any) -> Cell:
        return Cell(row.origin, href=row.origin_url, css="so-clip")
