"""The content hash of the store's facts: what "nothing changed" means.

Covered are all tables of the departments' facts and their day roll-ups. Left out: jobs, log-ins, uploads,
batches, history and whatever only tells when or by which file something came (row numbers, times
of writing, the spans of files), work lists (dirty days), closed merges of persons, and this app's
own reports and checks, which are made from the rest.

Rows are hashed by content: a reference counts as the natural key of the row it names, never as its
number, and a cipher only as present or absent (it differs each time; its keyed hash counts). So a
store imported twice over, or imported, taken back and imported again, has one hash.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.db import connection
from django.db.models import AutoField, BinaryField, Field, ForeignKey, Model

_LEFT_OUT: Final = frozenset({"channelspan", "dirtyday", "replacedcontact"})
_APPS_LEFT_OUT: Final = frozenset({"analytics"})
_COLUMNS_LEFT_OUT: Final = frozenset({"batch", "row_no", "marked_at", "created_by"})
_PERSON: Final = """coalesce((SELECT min(i.scope || ' ' || i.key) FROM customers_identity i WHERE i.customer_id = t.id),
    (SELECT min(i.scope || ' ' || i.key) FROM customers_merge m JOIN customers_identity i
        ON m.moved -> 'identities' @> to_jsonb(i.id) WHERE m.gone_id = t.id AND m.undone_at IS NULL), t.name)"""
_KEYS: Final = {"customers.customer": _PERSON}  # where no unique columns name a row
_PLAIN_REFERENCES: Final = {("buyerday", "customer_id"): "customers.customer"}
_CONDITIONS: Final = {"customers.merge": "t.undone_at IS NULL"}


def fingerprint() -> dict[str, str]:
    """Return table → hash of its content, and ``all`` → the hash over them."""
    hashes = {model._meta.db_table: _hash(model) for model in _models()}
    everything = "\n".join(f"{table} {value}" for table, value in sorted(hashes.items()))
    return {"all": hashlib.sha256(everything.encode()).hexdigest()[:32], **hashes}


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        app = apps.get_app_config(model._meta.app_label)
        if (
            hasattr(app, "topics")
            and app.label not in {"shopops", *_APPS_LEFT_OUT}
            and model._meta.model_name not in _LEFT_OUT
        ):
            yield model


def _hash(model: type[Model]) -> str:
    row = _Row()
    columns = " || '\x1f' || ".join(row.shown(model, field) for field in model._meta.concrete_fields if _counts(field))
    where = _CONDITIONS.get(model._meta.label_lower, "true")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), coalesce(sum(hashtextextended(r.c, 1)::numeric), 0), coalesce(sum(hashtextextended(r.c, 2)::numeric), 0)
            FROM (SELECT {columns} AS c FROM {model._meta.db_table} t {row.joins} WHERE {where}) r
            """
        )
        count, one, two = cursor.fetchone()
    return f"{count}:{int(one) % 2**64:016x}{int(two) % 2**64:016x}" if count else "0"


def _counts(field: "Field[object, object]") -> bool:
    own = isinstance(field, AutoField)
    written = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return not own and not written and field.name not in _COLUMNS_LEFT_OUT


class _Row:
    """The columns of a row as text; references are joined with the keys of what they name."""

    def __init__(self) -> None:
        self.joins = ""
        self._joined = 0

    def shown(self, model: type[Model], field: "Field[object, object]") -> str:
        column = f't."{field.column}"'
        target = _target(model, field)
        if target is not None:
            self._joined += 1
            name = f"k{self._joined}"
            self.joins += f" LEFT JOIN ({_keys_of(target)}) {name} ON {name}.id = {column}"
            return f"coalesce({name}.key, '\x1e')"
        if isinstance(field, BinaryField) and not field.name.endswith("digest"):
            return f"({column} IS NOT NULL)::text"
        return f"coalesce({column}::text, '\x1e')"


def _target(model: type[Model], field: "Field[object, object]") -> type[Model] | None:
    plain = _PLAIN_REFERENCES.get((model._meta.model_name, field.column))
    if plain:
        return apps.get_model(plain)
    return field.related_model if isinstance(field, ForeignKey) else None


def _keys_of(model: type[Model]) -> str:
    """Return a query of (id, key) for every row of ``model``."""
    row = _Row()
    made = _KEYS.get(model._meta.label_lower) or " || '\x1d' || ".join(
        row.shown(model, model._meta.get_field(name)) for name in _natural(model)
    )
    return f'SELECT t."{model._meta.pk.column}" AS id, {made} AS key FROM {model._meta.db_table} t {row.joins}'


def _natural(model: type[Model]) -> tuple[str, ...]:
    for constraint in model._meta.constraints:
        fields = getattr(constraint, "fields", ())
        if fields and getattr(constraint, "condition", None) is None:
            return tuple(fields)
    unique = next(
        (field.name for field in model._meta.concrete_fields if field.unique and not isinstance(field, AutoField)), None
    )
    return (unique,) if unique else (model._meta.pk.name,)
