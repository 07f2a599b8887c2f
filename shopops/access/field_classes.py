"""Classes of fields that not everybody may see; topics register ``FIELD_CLASSES`` in ``field_classes.py``.

``FIELD_CLASSES = [Fields(Customer, PERSONAL, "name")]``: histories and searches mask what stands here.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from django.db.models import Model

from shopops.topics import registered

PERSONAL: Final = "personal"
COST: Final = "cost"
PAY: Final = "pay"
CREDENTIALS: Final = "credentials"
SEEN_BY: Final = {COST: "cost.view", PAY: "pay.view"}  # class → permission; others are uncovered one at a time or never


@dataclass(frozen=True)
class Fields:
    """Columns of one table that belong to a class."""

    model: type[Model]
    field_class: str
    columns: tuple[str, ...]


@cache
def _classes() -> dict[tuple[str, str], str]:
    return {
        (item.model._meta.db_table, column): item.field_class
        for item in registered("field_classes", "FIELD_CLASSES")
        if isinstance(item, Fields)
        for column in item.columns
    }


def hidden_columns() -> list[tuple[str, str]]:
    """Return (table, column) of every field that belongs to some class."""
    return sorted(_classes())


def class_of(table: str, column: str) -> str:
    """Return a column's class, "" for what everybody may see who sees the record."""
    return _classes().get((table, column), "")
