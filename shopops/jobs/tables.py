from django.utils.translation import gettext_lazy as _

from shopops.jobs.models import Job
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table


class JobTable(Table):
    number = Column(_("Job"), reads=("pk",), fixed=True, phone=1)
    kind = Column(_("Kind"), phone=4, code=True)
    queue = Column(_("Queue"), code=True)
    state = Column(_("State"), format="badge", phone=2)
    progress = Column(_("Progress"), reads=("progress_total", "progress_done"))
    attempts = Column(_("Attempts"), format="number")
    created_at = Column(_("Made at"), format="moment", phone=3)
    finished_at = Column(_("Finished at"), format="moment")
    created_by = Column(_("By"), reads=("created_by.full_name", "created_by.username"), hidden=True)
    error = Column(_("Error"), reads=("error",), code=True)

    def show_number(self, row: Job) -> Cell:
        return Cell(self.file_number(row.pk), css="so-strong")

    def file_number(self, pk: int) -> str:
        return f"#{pk}"

    def show_progress(self, row: Job) -> Cell:
        return Cell(self.file_progress(row.progress_total, row.progress_done), css="so-num")

    def file_progress(self, total: int, done: int) -> str:
        if not total and not done:
            return formats.ABSENT
        return f"{done:,} / {total:,}" if total else f"{done:,}"

    def show_created_by(self, row: Job) -> str:
        return str(row.created_by or "")

    def file_created_by(self, full_name: str | None, username: str | None) -> str:
        return full_name or username or ""

    def show_error(self, row: Job) -> Cell:
        return Cell(row.error[:120], title=self.file_error(row.error), css="so-clip")

    def file_error(self, error: str) -> str:
        return error[:500]
