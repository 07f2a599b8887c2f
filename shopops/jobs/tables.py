from django.utils.translation import gettext_lazy as _

from shopops.jobs.models import Job
from shopops.ui.tables import Cell, Column, Table


class JobTable(Table):
    number = Column(_("Job"), fixed=True, phone=1)
    kind = Column(_("Kind"), phone=4)
    queue = Column(_("Queue"))
    state = Column(_("State"), format="badge", phone=2)
    progress = Column(_("Progress"))
    attempts = Column(_("Attempts"), format="number")
    created_at = Column(_("Made at"), format="moment", phone=3)
    finished_at = Column(_("Finished at"), format="moment")
    created_by = Column(_("By"), hidden=True)
    error = Column(_("Error"))

    def show_number(self, row: Job) -> Cell:
        return Cell(f"#{row.pk}", css="so-strong")

    def show_progress(self, row: Job) -> Cell:
        if not row.progress_total and not row.progress_done:
            return Cell("–", css="so-num")
        whole = f" / {row.progress_total:,}" if row.progress_total else ""
        return Cell(f"{row.progress_done:,}{whole}", css="so-num")

    def show_error(self, row: Job) -> Cell:
        return Cell(row.error[:120], title=row.error[:500], css="so-clip")
