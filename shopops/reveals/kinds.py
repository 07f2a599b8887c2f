"""What may be uncovered: topics register ``REVEALS`` in their ``reveals.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model

from shopops.access.personal import reveal as opened
from shopops.topics import registered


def _opened(record: Any, field: str) -> str:
    return opened(getattr(record, field))


def _mask(record: Any, field: str) -> str:
    return str(getattr(record, f"{field}_mask", ""))


@dataclass(frozen=True)
class Revealable:
    """Personal fields of one table: ciphers unless ``value`` says how else they are read."""

    model: type[Model]
    fields: tuple[str, ...]
    value: Callable[[Any, str], str] = _opened
    mask: Callable[[Any, str], str] = _mask
    hides: Callable[[Any, str], bool] = lambda _record, _field: True  # False: the mask is all that is known


@cache
def revealables() -> dict[str, Revealable]:
    """Return every registered table."""
    found = (item for item in registered("reveals", "REVEALS") if isinstance(item, Revealable))
    return {item.model._meta.db_table: item for item in found}


def field_words(table: str, name: str) -> str:
    """Return how people call a field that can be uncovered."""
    kind = revealables().get(table)
    known = kind is not None and name in kind.fields
    return str(kind.model._meta.get_field(name).verbose_name) if known else name  # type: ignore[union-attr]  # the stubs allow reverse relations
