from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.access.field_classes import COST, CREDENTIALS, PAY, PERSONAL, WORDS
from shopops.exchange.models import Export, words_of
from shopops.ui import formats
from shopops.ui.tables import Cell, Column, Table
from shopops.words import Words, listed

CLASS_WORDS: Final[dict[str, Words]] = {
    PERSONAL: gettext_lazy("personal data"),
    COST: gettext_lazy("cost prices"),
    PAY: gettext_lazy("pay"),
    CREDENTIALS: gettext_lazy("credentials"),
    WORDS: gettext_lazy("what people wrote"),
}


class ExportTable(Table):
    """One line for each file."""

    number = Column(gettext_lazy("Number"), reads=("pk",), link=True, fixed=True, code=True, phone=1)
    title = Column(gettext_lazy("List or report"), reads=("told",), phone=3)
    user = Column(gettext_lazy("Taken by"), reads=("user.full_name", "user.username"), code=True, phone=4)
    classes = Column(gettext_lazy("Sensitive data"), reads=("classes", "is_masked"))
    row_count = Column(gettext_lazy("Rows"), field="rows", format="number")
    format = Column(gettext_lazy("Format"), reads=("format",), code=True)
    state = Column(gettext_lazy("State"), format="badge", phone=2)
    at = Column(gettext_lazy("Taken at"), format="moment", hidden=True)
    ended_at = Column(gettext_lazy("Ended at"), format="moment", hidden=True)
    filters = Column(gettext_lazy("Filters"), reads=("told",), hidden=True)
    columns_taken = Column(gettext_lazy("Columns"), reads=("told",), hidden=True)

    def url(self, row: Export) -> str:
        return reverse("exchange:export", kwargs={"pk": row.pk})

    def show_number(self, row: Export) -> Cell:
        return Cell(row.mark, css="so-strong")

    def file_number(self, pk: int) -> str:
        return Export(pk=pk).mark

    def show_title(self, row: Export) -> Cell:
        return Cell(self.file_title(row.told), second=filters_of(row.told), css="so-wrap")

    def file_title(self, told: dict[str, Any]) -> str:
        return str(words_of(told).get("title", ""))

    def show_user(self, row: Export) -> Cell:
        return Cell(str(row.user), second=formats.moment(row.at), title=formats.full_moment(row.at))

    def file_user(self, full_name: str, username: str) -> str:
        return full_name or username

    def show_format(self, row: Export) -> str:
        return row.format.upper()

    def file_format(self, code: str) -> str:
        return code.upper()

    def show_classes(self, row: Export) -> Cell:
        text = self.file_classes(row.classes, is_masked=row.is_masked)
        return Cell(text or formats.ABSENT, tone="warn" if text and not row.is_masked else "quiet")

    def file_classes(self, classes: Sequence[str], is_masked: bool) -> str:  # noqa: FBT001 - values of a row
        return classes_words(classes, is_masked=is_masked)

    def show_filters(self, row: Export) -> str:
        return self.file_filters(row.told)

    def file_filters(self, told: dict[str, Any]) -> str:
        return filters_of(told)

    def show_columns_taken(self, row: Export) -> str:
        return self.file_columns_taken(row.told)

    def file_columns_taken(self, told: dict[str, Any]) -> str:
        return listed(words_of(told).get("columns", ()))


def filters_of(told: dict[str, Any]) -> str:
    """Return the filters of a file in one line."""
    said = (f"{label}: {words}" for label, words in words_of(told).get("filters", ()))
    return " · ".join(said)


def classes_words(classes: Sequence[str], *, is_masked: bool) -> str:
    """Return "personal data, masked": which classes stood in a file, and how."""
    if not classes:
        return ""
    names = listed(str(CLASS_WORDS.get(name, name)) for name in classes)
    if is_masked:
        return _("%(classes)s, masked") % {"classes": names}
    return _("%(classes)s, in full") % {"classes": names}
