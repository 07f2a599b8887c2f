from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.declare import may
from shopops.history.models import Change
from shopops.history.reasons import READS_WORDS, REASONS, reason_words
from shopops.reveals.kinds import field_words
from shopops.reveals.queries import OPS
from shopops.ui import formats, records
from shopops.ui.tables import Cell, Column, Table
from shopops.words import listed, listed_apart


class LookTable(Table):
    """One line for each look."""

    at = Column(gettext_lazy("When"), format="moment", fixed=True, phone=3)
    actor = Column(gettext_lazy("Who"), phone=1)
    what = Column(gettext_lazy("What"), phone=2)
    record = Column(gettext_lazy("Whose"), reads=("table_name",), phone=4)
    reason = Column(gettext_lazy("What for"), phone=5)
    row_id = Column(gettext_lazy("Number"), reads=("row_id",), hidden=True, code=True)

    def __init__(self, rows: Iterable[Any], *, user: Any, **more: Any) -> None:
        super().__init__(rows, user=user, **more)
        self.reads_words = may(user, READS_WORDS)

    @cached_property
    def _links(self) -> dict[records.Key, records.Shown]:
        return records.shown(self.user, {(row.table_name, row.row_id) for row in self.rows if row.row_id})

    def show_actor(self, row: Change) -> Cell:
        if row.actor is None:
            return Cell(_("The system"))
        person = self._people.get(row.actor_id)
        return Cell(str(row.actor), href=person or "")

    @cached_property
    def _people(self) -> dict[int | None, str]:
        table = "shopops_user"
        shown = records.shown(self.user, {(table, row.actor_id) for row in self.rows if row.actor_id})
        return {pk: found.url for (_table, pk), found in shown.items()}

    def show_what(self, row: Change) -> Cell:
        words = str(OPS.get(row.op, row.op))
        fields = listed(field_words(row.table_name, name) for name in row.changes) if row.op == "reveal" else ""
        return Cell(fields or words, second=words if fields else "")

    def show_record(self, row: Change) -> Cell:
        found = self._links.get((row.table_name, row.row_id))
        if found is None:
            return Cell(records.words_of(row.table_name), tone="quiet")
        return Cell(found.title, second=found.kind, title=records.words_of(row.table_name), href=found.url)

    def file_record(self, table: str) -> str:
        """Say what kind of row was looked at: its number stands beside it in a file."""
        return records.words_of(table)

    def file_row_id(self, number: int | None) -> str:
        return "" if number is None else str(number)

    def show_reason(self, row: Change) -> Cell:
        if row.op in {"see_as", "export"}:
            return Cell(formats.ABSENT, tone="quiet")
        texts = [str(value) for value in row.changes.values() if value]
        known = [reason_words(text) for text in texts if text in REASONS]
        if row.op == "reveal" and len(known) == len(texts):
            return Cell(listed_apart(known))
        if not self.reads_words:
            return Cell(_("other words") if texts and row.op == "reveal" else formats.ABSENT, tone="quiet")
        return Cell(listed_apart(map(reason_words, texts)))
