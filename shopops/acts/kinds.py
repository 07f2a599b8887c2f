"""What can be undone, and what can be done to many rows: topics register both in ``acts.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from django import forms

    from shopops.accounts.models import User
    from shopops.history.models import Change


@dataclass(frozen=True)
class Undoable:
    """A kind of single save that can be undone.

    ``restore`` writes the former values through the normal service, at the version the save left; it gets the
    save's history rows, oldest first, and raises Refused (Conflict where somebody saved since).
    """

    code: str
    permission: str
    restore: "Callable[[list[Change], User], None]"


@dataclass(frozen=True)
class BulkAct:
    """Something done to many rows of one list.

    ``apply(ids, values, now)`` writes one block in one statement and returns why rows were left, by id;
    ``columns`` are those it may change: undoing puts them back from the history.
    """

    code: str
    label: Words
    icon: str
    permission: str
    model: type[Model]
    columns: tuple[str, ...]
    form: "Callable[..., forms.Form]"
    apply: Callable[[list[int], dict[str, Any], Any], dict[int, str]]
    words: Callable[[dict[str, Any]], str]  # what the values say: "Flag: urgent"
    reasons: "dict[str, Words]"  # why a row is left → in words


@cache
def undoables() -> dict[str, Undoable]:
    return {item.code: item for item in registered("acts", "UNDOABLE") if isinstance(item, Undoable)}


@cache
def bulk_kinds() -> dict[str, BulkAct]:
    return {item.code: item for item in registered("acts", "BULK") if isinstance(item, BulkAct)}


def bulk_of(model: type[Model], user: "User") -> Iterable[BulkAct]:
    """Return what this person may do to many rows of a table."""
    return [item for item in bulk_kinds().values() if item.model is model and user.has_perm(item.permission)]
