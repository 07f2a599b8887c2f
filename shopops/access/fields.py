"""What of a classed field somebody is shown: one function for pages, files, answers of the API and notifications.

Which columns belong to a class stands in the topics' ``field_classes.py``. Personal ones are masked for
everybody and uncovered one at a time (``shopops.reveals``); cost, pay and classes of a topic's own are shown by
permission, credentials never. Words people wrote are read by who sees the record, not by who only sees as a role.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from shopops.access.declare import may
from shopops.access.field_classes import PERSONAL, WORDS, Fields, fields_of, shown_by
from shopops.access.personal import mask_email, mask_name, mask_number

if TYPE_CHECKING:
    from shopops.accounts.models import User

HIDDEN: Final = "•••"
_AS_NUMBERS_ARE_WRITTEN: Final = re.compile(r"[\d\s()+.\-－—/*＊•']+")  # with a letter it is somebody's name
_PROBE: Final = "Wang Xiaoming"  # nobody: is it masked?


@lru_cache(maxsize=4096)
def classed(model: type[Model], path: str) -> Fields | None:
    """Return the class of what a dotted path leads to ("order.contact.phone"); None where everybody sees it."""
    *steps, last = path.replace("__", ".").split(".")
    try:
        for name in steps:
            related = model._meta.get_field(name).related_model
            if related is None:
                return None
            model = related  # type: ignore[assignment]  # the stubs allow generic relations
        column = model._meta.get_field(last).column  # type: ignore[union-attr]  # the stubs allow reverse relations
    except (FieldDoesNotExist, AttributeError):
        return None
    return fields_of(model._meta.db_table, column)


def shown(user: "User", record: Any, field: str, *, model: type[Model] | None = None) -> Any:
    """Return what ``user`` is shown of a field: its value, its mask, or None for what is not theirs to see.

    ``record`` is an instance, or a dict of ``model``'s values; ``field`` may be a dotted path.
    """
    value = value_at(record, field)
    found = classed(model or type(record), field)
    return value if found is None else shown_value(user, found, value, mask=_own_mask(record, field))


def shown_value(user: "User", found: Fields, value: Any, *, mask: str = "") -> Any:
    """Return what ``user`` is shown of a value of a class; ``mask``: one the record keeps."""
    if value is None or value == "" or (found.field_class == WORDS and not _sees_as(user)):
        return value
    if found.seen_by and may(user, found.seen_by) and not _sees_as(user):
        return value
    if found.field_class in shown_by():
        return value if may(user, shown_by()[found.field_class]) else None
    if found.field_class == PERSONAL:
        return mask or masked(value)
    return HIDDEN


def is_whole(user: "User", found: Fields) -> bool:
    """Say whether ``user`` is shown values of this class as they are."""
    return bool(shown_value(user, found, _PROBE) == _PROBE)


def masked(value: Any) -> str:
    """Mask a personal value by what it looks like: an e-mail address, a number, else a name."""
    if not isinstance(value, str):
        return HIDDEN
    if "@" in value:
        return mask_email(value)
    if _AS_NUMBERS_ARE_WRITTEN.fullmatch(value) and sum(map(str.isdigit, value)) >= 7:
        return mask_number(value) or HIDDEN
    return mask_name(value)


def masker(user: "User", model: type[Model], path: str) -> Callable[[Any], Any] | None:
    """Return what masks the values of a column of a file for this person; None where they are as they are."""
    found = classed(model, path)
    if found is None or is_whole(user, found):
        return None
    if found.field_class == PERSONAL:  # asked for each row of a file
        return lambda value: value if value is None or value == "" else masked(value)
    return lambda value: shown_value(user, found, value)


def _sees_as(user: "User") -> bool:
    return getattr(user, "seeing_as", None) is not None


def value_at(record: Any, path: str) -> Any:
    """Follow a dotted path through attributes or the keys of dicts."""
    for name in path.split("."):
        if record is None:
            return None
        record = record.get(name) if isinstance(record, dict) else getattr(record, name)
    return record


def _own_mask(record: Any, path: str) -> str:
    """Return the mask a record keeps beside the value: ``phone_mask`` of ``phone``."""
    try:
        return str(value_at(record, f"{path}_mask") or "")
    except AttributeError:
        return ""
