"""Setting a former value again, through the topic's own service; topics register ``SETTERS`` in ``records.py``."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from shopops.access.declare import may
from shopops.errors import Refused
from shopops.history.models import Change
from shopops.topics import registered
from shopops.ui.timeline import field_of, hidden_from

if TYPE_CHECKING:
    from shopops.accounts.models import User


class Set(Protocol):
    """Sets one column of a record."""

    def __call__(self, pk: int, column: str, value: Any, /, *, version: int, by: "User") -> object: ...


@dataclass(frozen=True)
class Setter:
    """Columns of a table that people may set, and the service that does; it checks the version the page was read at."""

    model: type[Model]
    columns: tuple[str, ...]
    permission: str
    set: "Set"


@cache
def _setters() -> dict[str, dict[str, Setter]]:
    found: dict[str, dict[str, Setter]] = {}
    for item in registered("records", "SETTERS"):
        if isinstance(item, Setter):
            found.setdefault(item.model._meta.db_table, {}).update(dict.fromkeys(item.columns, item))
    return found


def setters_of(table: str) -> dict[str, Setter]:
    """Return the setters of a table's columns."""
    return _setters().get(table, {})


def may_restore(user: "User", table: str, column: str) -> bool:
    """Say whether this person may set the column and read what stood there."""
    setter = setters_of(table).get(column)
    return setter is not None and may(user, setter.permission) and not hidden_from(user, table, column)


def restore(record: Model, change_id: int, column: str, *, version: int, by: "User") -> str:
    """Set a field again to what it was before a change of this record; return the field's name.

    ``version`` is the record's as its page was read. Raises Refused where there is no such change, the field is not
    theirs to set, or its service says no.
    """
    table = record._meta.db_table
    changes = Change.objects.filter(pk=change_id, table_name=table, row_id=record.pk, op="update")
    change = changes.first()
    if change is None or column not in change.changes or not may_restore(by, table, column):
        raise Refused(_("This value cannot be restored."))
    field = field_of(type(record), column)
    value = change.changes[column][0]
    if not isinstance(field, ForeignKey):
        try:
            value = field.to_python(value)
        except ValidationError as error:
            raise Refused(_("This value cannot be restored.")) from error
    setters_of(table)[column].set(record.pk, column, value, version=version, by=by)
    return str(field.verbose_name)
