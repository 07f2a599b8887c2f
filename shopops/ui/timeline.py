"""A record's history in plain words: "paid 129.00 → 119.00, by …, from import #12"."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shopops.access.declare import may, permissions
from shopops.access.field_classes import class_of, shown_by
from shopops.history.models import Change
from shopops.history.reasons import reason_words
from shopops.topics import registered
from shopops.ui import formats, records
from shopops.words import Words, listed

if TYPE_CHECKING:
    from shopops.accounts.models import User

TECHNICAL: Final = frozenset({"id", "batch_id", "row_no", "source_time", "updated_at", "created_at", "is_demo"})
SHOWN: Final = 12  # fields of one entry
Links = dict[records.Key, records.Shown]


class Step(NamedTuple):
    """One field of an entry: its name, what stood there, what stands there now."""

    field: str
    before: str
    after: str
    column: str = ""
    restorable: bool = False  # the former value may be set again by who is looking


@dataclass
class Event:
    """One entry of a timeline."""

    at: datetime
    actor: str
    title: str
    changes: list[Step]
    source: str
    source_url: str
    key: int = 0  # the change's number
    row: records.Key = ("", 0)
    comment: Any = None  # shopops.collaboration: what was written, its files
    about: str = ""  # which of several rows: an order's second line
    url: str = ""
    fields: list[str] = field(default_factory=list)  # columns, for those who look for one


def timeline(changes: Iterable[Change], *, limit: int = 50, user: "User | None" = None) -> list[Event]:
    """Return the newest changes as entries (pass ``shopops.history.queries.changes_of(…)``)."""
    return events_of(list(changes[:limit]), user)  # type: ignore[index]  # lists and querysets alike


def events_of(changes: Sequence[Change], user: "User | None", *, is_masked: bool = False) -> list[Event]:
    """Return changes as entries, with what this person may see; one query for each table they point to.

    ``is_masked``: values of every field class stay hidden, and added and removed rows are told field by field.
    """
    links = _links(changes, user)
    return [_event(item, None if is_masked else user, links, is_whole=is_masked) for item in changes]


@dataclass(frozen=True)
class Told:
    """What happened to a table's records that no history of rows has: an import's stages. In ``records.py``: ``TOLD``."""

    model: type[models.Model]
    events: Callable[[Any], list[Event]]


def told_of(record: models.Model) -> list[Event]:
    """Return what the topic itself tells of a record."""
    every = (item for item in registered("records", "TOLD") if isinstance(item, Told))
    return [event for item in every if isinstance(record, item.model) for event in item.events(record)]


@cache
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


def _links(changes: Sequence[Change], user: "User | None") -> Links:
    """Return the records foreign keys point to, before and after, by one query a table."""
    wanted: set[records.Key] = set()
    for item in changes:
        if user is None:
            continue
        for column, given in item.changes.items():
            found = field_of(_models().get(item.table_name), column)
            if isinstance(found, models.ForeignKey) and column not in TECHNICAL:
                table = found.related_model._meta.db_table
                if table in records.kinds():
                    values = given if isinstance(given, list) else [given]
                    wanted |= {(table, value) for value in values if isinstance(value, int)}
    return records.shown(user, wanted) if user is not None and wanted else {}


def _event(item: Change, user: "User | None", links: Links, *, is_whole: bool) -> Event:
    model = _models().get(item.table_name)
    name = str(model._meta.verbose_name) if model else item.table_name
    titles = {
        "insert": _("%(thing)s added"),
        "delete": _("%(thing)s removed"),
        "update": _("%(thing)s changed"),
        "reveal": _("%(thing)s looked at"),
        "forget": _("%(thing)s: personal data erased from the history"),
        "see_as": _("Pages seen as this role"),
        "export": _("Taken along as a file"),
    }
    changed: list[Step] = []
    if item.op == "update":
        changed = _steps(item, model, user, links)
    elif item.op == "reveal":
        changed = _reasons(model, item.changes)
    elif is_whole:
        changed = _values(item, model, links)
    source, url = _source(item.source)
    actor = str(item.actor) if item.actor_id else _("The system")
    title = titles.get(item.op, "%(thing)s: " + item.op) % {"thing": name}
    return Event(
        item.at, actor, title, changed, source, url, item.pk, (item.table_name, item.row_id), fields=list(item.changes)
    )


def _steps(item: Change, model: type[models.Model] | None, user: "User | None", links: Links) -> list[Step]:
    found = []
    for column, pair in sorted(item.changes.items()):
        if column in TECHNICAL or not isinstance(pair, list):
            continue
        field = field_of(model, column)
        if field is not None and not isinstance(field.verbose_name, Promise):
            continue  # a column without a name for people is the program's own
        if hidden_from(user, item.table_name, column):
            before = after = _("hidden")
        else:
            before, after = (_words(field, value, links) for value in _differing(pair))
        found.append(Step(str(field.verbose_name) if field else column, before, after, column))
    return found[:SHOWN]


def _differing(pair: list[Any]) -> list[Any]:
    """Of two lists, what only one of them has: who reads a role's history asks what was given and what taken."""
    before, after = pair
    if not (isinstance(before, list) and isinstance(after, list)):
        return pair
    return [[item for item in before if item not in after], [item for item in after if item not in before]]


def _values(item: Change, model: type[models.Model] | None, links: Links) -> list[Step]:
    """Return the fields of an added or removed row as it was; values of every class are hidden."""
    found = []
    for column, value in sorted(item.changes.items()):
        field = field_of(model, column)
        if column in TECHNICAL or field is None or not isinstance(field.verbose_name, Promise):
            continue
        shown = _("hidden") if hidden_from(None, item.table_name, column) else _words(field, value, links)
        found.append(Step(str(field.verbose_name), "", shown, column))
    return found[:SHOWN]


def hidden_from(user: "User | None", table: str, column: str) -> bool:
    """Say whether this person may not read a column's former values: personal ones nobody, others by right."""
    found = class_of(table, column)
    return bool(found) and not (found in shown_by() and user is not None and may(user, shown_by()[found]))


def _reasons(model: type[models.Model] | None, changes: dict[str, Any]) -> list[Step]:
    return [
        Step(str(field.verbose_name) if (field := field_of(model, name)) else name, "", reason_words(str(reason)), name)
        for name, reason in changes.items()
    ]


def field_words(model: type[models.Model], column: str, value: Any) -> str:
    """Return a column's value as histories show it; times and amounts may be text."""
    return _words(field_of(model, column), value)


def column_words(table: str, column: str) -> Words | None:
    """Return what people call a column, lazily translated; a plain text or None for one that is the program's own."""
    field = field_of(_models().get(table), column)
    return field.verbose_name if field is not None else None


def field_of(model: type[models.Model] | None, column: str) -> Any:
    """Return the model's field of a column, None where it has none."""
    if model is None:
        return None
    return next((field for field in model._meta.concrete_fields if field.column == column), None)


def _words(field: Any, value: Any, links: Links | None = None) -> str:
    if value is None or value == "":
        return formats.ABSENT
    if isinstance(field, models.BinaryField):
        return _("hidden")
    if isinstance(field, models.ForeignKey) and isinstance(value, int):
        linked = (links or {}).get((field.related_model._meta.db_table, value))
        return linked.title if linked else f"#{value}"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _plain_words(field, value)


def _plain_words(field: Any, value: Any) -> str:
    if isinstance(field, models.DecimalField):
        return formats.exact(Decimal(str(value)))
    if isinstance(field, models.DateTimeField):
        return formats.moment(parse_datetime(str(value)))
    if isinstance(field, models.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        known = permissions()
        return listed(str(known[item].label if item in known else item) for item in value) or formats.ABSENT
    return str(value)[:200]


def _source(text: str) -> tuple[str, str]:
    words, behind = records.source_words(text)
    return words, records.url_of(behind[0].model, behind[1]) if behind else ""
