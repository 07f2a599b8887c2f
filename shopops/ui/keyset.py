"""Pages of a list that cost the same at any depth: by the last row's values, never by OFFSET."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.db.models import Field, Model, Q, QuerySet

LARGEST_EXPONENT = 100  # of a number; the database refuses those beyond thousands of digits as an error


class BadCursor(ValueError):
    """A cursor nobody gave out."""


@dataclass(frozen=True)
class Page:
    """Some rows of a list and how to reach those before and after them."""

    rows: list[Any]
    after: str  # cursor of the next page, "" on the last
    before: str  # cursor of the former page, "" on the first


def page(queryset: QuerySet[Any], order: Sequence[str], *, size: int, after: str = "", before: str = "") -> Page:
    """Return ``size`` rows following the cursor ``after``, or preceding ``before``.

    ``order`` names columns (or annotations) that are never null, "-" for descending, the last one unique.
    Raises BadCursor. Rows inserted or removed meanwhile neither repeat nor hide others.
    """
    backwards = bool(before)
    order = tuple(order)
    walked = tuple(_reversed(name) for name in order) if backwards else order
    if cursor := before or after:
        queryset = queryset.filter(_beyond(queryset.model, walked, _decoded(queryset, order, cursor)))
    rows = list(queryset.order_by(*walked)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (more or backwards)
    has_before = bool(rows) and (bool(after) if not backwards else more)
    if backwards and not rows:
        return page(queryset.model._default_manager.none(), order, size=size)
    return Page(rows, _encoded(rows[-1], order) if has_next else "", _encoded(rows[0], order) if has_before else "")


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(model: type[Model], order: Sequence[str], values: Sequence[object]) -> Q:
    # "first <= x AND (first < x OR …)": the OR alone would scan, the bound before it uses the index.
    first, rest = order[0], order[1:]
    lookup = "lt" if first.startswith("-") else "gt"
    name = first.lstrip("-")
    if not rest:
        return Q(**{f"{name}__{lookup}": values[0]})
    deeper = Q(**{name: values[0]}) & _beyond(model, rest, values[1:])
    return Q(**{f"{name}__{lookup}e": values[0]}) & (Q(**{f"{name}__{lookup}": values[0]}) | deeper)


def _field(queryset: QuerySet[Any], path: str) -> "Field[Any, Any]":
    if (made := queryset.query.annotations.get(path.lstrip("-"))) is not None:
        return made.output_field
    model, field = queryset.model, cast("Any", None)
    for part in path.lstrip("-").split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        model = getattr(field, "related_model", None) or model
    found: Field[Any, Any] = field
    return found


def _value(row: Any, path: str) -> object:
    for part in path.lstrip("-").split("__"):
        row = row.get(part) if isinstance(row, dict) else getattr(row, part)
    return row


def _encoded(row: Any, order: Sequence[str]) -> str:
    values = [_value(row, name) for name in order]
    texts = [item.isoformat() if isinstance(item, date) else str(item) for item in values]
    return base64.urlsafe_b64encode(json.dumps(texts, separators=(",", ":")).encode()).decode().rstrip("=")


def _decoded(queryset: QuerySet[Any], order: Sequence[str], cursor: str) -> list[object]:
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(texts, list) or len(texts) != len(order) or not all(map(_is_plain, texts)):
            raise BadCursor(cursor)
        return [_typed(_field(queryset, name), text) for name, text in zip(order, texts, strict=True)]
    except (ValueError, InvalidOperation, binascii.Error, UnicodeError, RecursionError) as error:
        raise BadCursor(cursor) from error


def _is_plain(text: object) -> bool:
    """Say whether this is a text the database can compare: no NUL, no half of a character."""
    return isinstance(text, str) and "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _typed(field: "Field[Any, Any]", text: str) -> object:
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        return datetime.fromisoformat(text)
    if kind == "DateField":
        return date.fromisoformat(text)
    if kind == "DecimalField":
        value = Decimal(text)
        if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
            raise BadCursor(text)
        return value
    if kind in {"CharField", "TextField", "SlugField"}:
        return text
    number = int(text)
    if abs(number) >= 2**63:
        raise BadCursor(text)
    return number
