from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.exchange.models import ImportBatch
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


def _count(row: ImportBatch, name: str) -> Cell:
    value = row.counts.get(name)
    return Cell(formats.number(value), css="so-num")


class ImportTable(Table):
    file = Column(gettext_lazy("File"), link=True, fixed=True, phone=1)
    channel = Column(gettext_lazy("Channel"), field="channel_code")
    kind = Column(gettext_lazy("Format"), hidden=True)
    state = Column(gettext_lazy("State"), format="badge", phone=2)
    rows_new = Column(
        gettext_lazy("New"), format="number", phone=4, help=gettext_lazy("Orders that were not here before")
    )
    changed = Column(gettext_lazy("Changed"), format="number")
    equal = Column(
        gettext_lazy("Equal"),
        format="number",
        help=gettext_lazy("Orders the file tells nothing new about; they stay untouched"),
    )
    refused = Column(gettext_lazy("Refused"), format="number", help=gettext_lazy("Rows of the file"))
    refunds = Column(gettext_lazy("Refunds"), format="number", hidden=True)
    data_through = Column(gettext_lazy("Data through"), format="moment", hidden=True)
    who = Column(gettext_lazy("Who"), field="created_by")
    created_at = Column(gettext_lazy("When"), format="moment", phone=3)

    def url(self, row: ImportBatch) -> str:
        return reverse("orders:import", args=[row.pk])

    def show_file(self, row: ImportBatch) -> Cell:
        note = f"#{row.pk} · {_('trial')}" if row.dry_run else f"#{row.pk}"
        return Cell(row.upload.name[:60], second=note, title=row.upload.name, href=self.url(row))

    def show_kind(self, row: ImportBatch) -> str:
        return str(row.reading.get("title") or row.format or formats.ABSENT)

    def show_rows_new(self, row: ImportBatch) -> Cell:
        return _count(row, "new")

    def show_changed(self, row: ImportBatch) -> Cell:
        return _count(row, "changed")

    def show_equal(self, row: ImportBatch) -> Cell:
        return _count(row, "equal")

    def show_refunds(self, row: ImportBatch) -> Cell:
        return _count(row, "refunds")

    def show_refused(self, row: ImportBatch) -> Cell:
        value = row.counts.get("refused")
        return Cell(formats.number(value), css="so-num", tone="bad" if value else "")

    def show_who(self, row: ImportBatch) -> str:
        return str(row.created_by or _("The system"))
