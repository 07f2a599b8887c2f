from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.orders.formats import base as formats_known
from shopops.exchange.models import ImportBatch
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table

Counts = dict[str, int]


def _count(value: int | None, tone: str = "") -> Cell:
    return Cell(formats.number(value), css="so-num", tone=tone)


class ImportTable(Table):
    file = Column(gettext_lazy("File"), reads=("upload.name",), link=True, fixed=True, phone=1, code=True)
    channel = Column(gettext_lazy("Channel"), field="channel_title")
    kind = Column(gettext_lazy("Format"), reads=("reading", "format"), hidden=True)
    state = Column(gettext_lazy("State"), format="badge", phone=2)
    rows_new = Column(
        gettext_lazy("New"),
        reads=("counts",),
        format="number",
        phone=4,
        help=gettext_lazy("Orders that were not here before"),
    )
    changed = Column(gettext_lazy("Changed"), reads=("counts",), format="number")
    equal = Column(
        gettext_lazy("Equal"),
        reads=("counts",),
        format="number",
        help=gettext_lazy("Orders the file tells nothing new about; they stay untouched"),
    )
    refused = Column(gettext_lazy("Refused"), reads=("counts",), format="number", help=gettext_lazy("Rows of the file"))
    refunds = Column(gettext_lazy("Refunds"), reads=("counts",), format="number", hidden=True)
    data_through = Column(gettext_lazy("Data through"), format="moment", hidden=True)
    who = Column(gettext_lazy("Who"), reads=("created_by.full_name", "created_by.username"))
    created_at = Column(gettext_lazy("When"), format="moment", phone=3)

    def url(self, row: ImportBatch) -> str:
        return reverse("orders:import", args=[row.pk])

    def show_file(self, row: ImportBatch) -> Cell:
        note = f"#{row.pk} · {_('trial')}" if row.dry_run else f"#{row.pk}"
        return Cell(row.upload.name[:60], second=note, title=row.upload.name, href=self.url(row))

    def show_kind(self, row: ImportBatch) -> str:
        return self.file_kind(row.reading, row.format)

    def file_kind(self, reading: dict[str, object], code: str) -> str:
        return formats_known.title_of(code, reading) or formats.ABSENT

    def show_rows_new(self, row: ImportBatch) -> Cell:
        return _count(self.file_rows_new(row.counts))

    def file_rows_new(self, counts: Counts) -> int | None:
        return counts.get("new")

    def show_changed(self, row: ImportBatch) -> Cell:
        return _count(self.file_changed(row.counts))

    def file_changed(self, counts: Counts) -> int | None:
        return counts.get("changed")

    def show_equal(self, row: ImportBatch) -> Cell:
        return _count(self.file_equal(row.counts))

    def file_equal(self, counts: Counts) -> int | None:
        return counts.get("equal")

    def show_refunds(self, row: ImportBatch) -> Cell:
        return _count(self.file_refunds(row.counts))

    def file_refunds(self, counts: Counts) -> int | None:
        return counts.get("refunds")

    def show_refused(self, row: ImportBatch) -> Cell:
        value = self.file_refused(row.counts)
        return _count(value, tone="bad" if value else "")

    def file_refused(self, counts: Counts) -> int | None:
        return counts.get("refused")

    def show_who(self, row: ImportBatch) -> str:
        return str(row.created_by or _("The system"))

    def file_who(self, full_name: str | None, username: str | None) -> str:
        return full_name or username or _("The system")
