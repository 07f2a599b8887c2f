"""Classes of fields that not everybody may see; topics register ``FIELD_CLASSES`` in ``field_classes.py``.

``FIELD_CLASSES = [Fields(Customer, PERSONAL, ("name",))]``: histories and searches mask what stands here. A topic
whose fields fit none of these classes registers one of its own: ``CLASSES = [FieldClass("fees", "fees.view")]``.
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
WORDS: Final = "words"  # what people wrote: anything may stand in it, so it is read on its record, not in searches
_SEEN_BY: Final = {COST: "cost.view", PAY: "pay.view"}


@dataclass(frozen=True)
class FieldClass:
    """A class of a topic's own: shown whole to those who have its permission, to others not at all."""

    code: str
    permission: str


@dataclass(frozen=True)
class Fields:
    """Columns of one table that belong to a class."""

    model: type[Model]
    field_class: str
    columns: tuple[str, ...]
    seen_by: str = ""  # the permission of those who see it whole on pages, where there is one


@cache
def shown_by() -> dict[str, str]:
    """Return class → permission of those who see its fields; fields of other classes are uncovered one at a time or never."""
    own = (item for item in registered("field_classes", "CLASSES") if isinstance(item, FieldClass))
    return {item.code: item.permission for item in own} | _SEEN_BY


@cache
def classes() -> dict[tuple[str, str], Fields]:
    """Return what is declared of each (table, column)."""
    return {
        (item.model._meta.db_table, column): item
        for item in registered("field_classes", "FIELD_CLASSES")
        if isinstance(item, Fields)
        for column in item.columns
    }


def hidden_columns() -> list[tuple[str, str]]:
    """Return (table, column) of every field that belongs to some class."""
    return sorted(classes())


def class_of(table: str, column: str) -> str:
    """Return a column's class, "" for what everybody may see who sees the record."""
    found = fields_of(table, column)
    return found.field_class if found else ""


def fields_of(table: str, column: str) -> Fields | None:
    """Return the declaration a column stands in; None where everybody sees it who sees the record."""
    return classes().get((table, column))
