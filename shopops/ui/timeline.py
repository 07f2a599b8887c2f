"""A record's history in plain words: "paid 129.00 → 119.00, by …, from import #12"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shopops.history.models import Change
from shopops.ui import formats, records

TECHNICAL = frozenset({"id", "batch_id", "row_no", "source_time", "updated_at", "created_at", "is_demo", "password"})
SHOWN = 12  # fields of one entry


@dataclass(frozen=True)
class Event:
    """One entry of a timeline."""

    at: datetime
    actor: str
    title: str
    changes: list[tuple[str, str, str]]  # field, before, after
    source: str
    source_url: str


def timeline(changes: Iterable[Change], *, limit: int = 50) -> list[Event]:
    """Return the newest changes as entries (pass ``shopops.history.queries.changes_of(…)``)."""
    return [_event(item) for item in changes[:limit]]  # type: ignore[index]


@cache
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


def _event(item: Change) -> Event:
    model = _models().get(item.table_name)
    name = str(model._meta.verbose_name) if model else item.table_name
    titles = {
        "insert": _("%(thing)s added"),
        "delete": _("%(thing)s removed"),
        "update": _("%(thing)s changed"),
        "reveal": _("%(thing)s looked at"),
    }
    changed = (
        _changes(model, item.changes)
        if item.op == "update"
        else _reasons(model, item.changes)
        if item.op == "reveal"
        else []
    )
    source, url = _source(item.source)
    actor = str(item.actor) if item.actor_id else _("The system")
    return Event(item.at, actor, titles[item.op] % {"thing": name}, changed, source, url)


def _changes(model: type[models.Model] | None, changes: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for column, pair in sorted(changes.items()):
        if column in TECHNICAL or not isinstance(pair, list):
            continue
        field = _field(model, column)
        if field is not None and not isinstance(field.verbose_name, Promise):
            continue  # a column without a name for people is the program's own
        before, after = (_words(field, value) for value in pair)
        found.append((str(field.verbose_name) if field else column, before, after))
    return found[:SHOWN]


def _reasons(model: type[models.Model] | None, changes: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (str(field.verbose_name) if (field := _field(model, name)) else name, "", str(reason))
        for name, reason in changes.items()
    ]


def field_words(model: type[models.Model], column: str, value: Any) -> str:
    """Return a column's value as histories show it; times and amounts may be text."""
    return _words(_field(model, column), value)


def _field(model: type[models.Model] | None, column: str) -> Any:
    if model is None:
        return None
    return next((field for field in model._meta.concrete_fields if field.column == column), None)


def _words(field: Any, value: Any) -> str:
    if value is None or value == "":
        return formats.ABSENT
    if isinstance(field, models.BinaryField):
        return _("hidden")
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DecimalField):
        return formats.exact(Decimal(str(value)))
    if isinstance(field, models.DateTimeField):
        return formats.moment(parse_datetime(str(value)))
    if isinstance(field, models.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(map(str, value)) or formats.ABSENT
    return str(value)[:200]


def _source(text: str) -> tuple[str, str]:
    if (source := records.of_source(text)) is None:
        return "", ""
    kind, number = source
    return str(kind.source_words) % {"number": number}, records.url_of(kind.model, number)
