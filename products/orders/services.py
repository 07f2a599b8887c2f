"""The store's own note and flag of an order: what staff write on it, apart from what platforms say."""

from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from products.orders.models import Order
from products.orders.states import OwnFlag
from shopops.acts.undo import undoable
from shopops.errors import Refused
from shopops.history.versions import checked

if TYPE_CHECKING:
    from datetime import datetime

    from shopops.accounts.models import User
    from shopops.acts.models import Act
    from shopops.history.models import Change

MARKED: Final = "orders.mark"
LONGEST: Final = Order._meta.get_field("note").max_length or 0  # characters of a note
FIELDS: Final = ("note", "flag_own")


def mark(order_id: int, *, version: int, by: "User", **values: str) -> "Act":
    """Write the store's ``note`` and ``flag_own`` of an order (one or both), read at ``version``.

    Returns the act, which can be undone. Raises Refused, and Conflict where somebody changed them since.
    """
    with undoable(MARKED, by=by, url=reverse("orders:order", args=[order_id])) as act:
        _mark(order_id, version=version, **values)
    return act


def _mark(order_id: int, *, version: int, **values: str) -> None:
    wanted = {name: values[name].strip() for name in FIELDS if name in values}
    if wanted.get("flag_own") and wanted["flag_own"] not in OwnFlag.values:
        raise Refused(_("There is no such flag."))
    if len(wanted.get("note", "")) > LONGEST:
        raise Refused(_("Longer than %(limit)s characters.") % {"limit": LONGEST})
    order = Order.objects.select_for_update(of=["self"]).get(pk=order_id)
    checked(order, version, values=wanted)
    changed = [name for name, value in wanted.items() if getattr(order, name) != value]
    for name in changed:
        setattr(order, name, wanted[name])
    if changed:
        order.save(update_fields=[*changed, "updated_at"])


def unmark(changes: "list[Change]", by: "User") -> None:
    """Put back what :func:`mark` changed; the caller acts as ``by``. Raises Conflict where somebody changed it since."""
    for change in changes:
        former = {name: pair[0] for name, pair in change.changes.items() if name in FIELDS}
        _mark(change.row_id, version=change.pk, **former)


# --- many orders at once: one statement a block


def flag_many(ids: list[int], values: dict[str, Any], now: "datetime") -> dict[int, str]:
    """Give these orders the flag ``values["flag"]`` ("": none); return why orders were left, by id."""
    return _written(_FLAG, ids, {"flag": values["flag"], "now": now})


def prefix_many(ids: list[int], values: dict[str, Any], now: "datetime") -> dict[int, str]:
    """Put ``values["text"]`` before the orders' notes, where it does not stand there already."""
    return _written(_PREFIX, ids, {"text": values["text"], "longest": LONGEST, "now": now})


def unprefix_many(ids: list[int], values: dict[str, Any], now: "datetime") -> dict[int, str]:
    """Take ``values["text"]`` from the beginning of the orders' notes, where it stands there."""
    return _written(_UNPREFIX, ids, {"text": values["text"], "now": now})


def _written(statement: str, ids: list[int], values: dict[str, Any]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"ids": ids})
        return {pk: why for pk, why in cursor.fetchall() if why}


# Rows are locked in the order of their ids, so that two acts wait for one another instead of for each other.
_LOCKED: Final = """
    WITH locked AS MATERIALIZED (
        SELECT o.id, o.note FROM products_order o WHERE o.id = ANY(%(ids)s) ORDER BY o.id FOR UPDATE
    )
"""
_LEFT: Final = """
    SELECT w.id, CASE WHEN l.id IS NULL THEN 'gone' ELSE {why} END
    FROM unnest(%(ids)s::bigint[]) w (id) LEFT JOIN locked l ON l.id = w.id
    WHERE l.id IS NULL OR {left}
"""
_FLAG: Final = f"""{_LOCKED}, written AS (
        UPDATE products_order o SET flag_own = %(flag)s, updated_at = %(now)s FROM locked l
        WHERE o.id = l.id AND o.flag_own <> %(flag)s
        RETURNING o.id
    ) {_LEFT.format(why="''", left="false")}
"""
_WHOLE: Final = "%(text)s || CASE WHEN l.note = '' THEN '' ELSE ' ' || l.note END"
_PREFIX: Final = f"""{_LOCKED}, written AS (
        UPDATE products_order o SET note = {_WHOLE}, updated_at = %(now)s FROM locked l
        WHERE o.id = l.id AND NOT starts_with(l.note, %(text)s) AND length({_WHOLE}) <= %(longest)s
        RETURNING o.id
    ) {_LEFT.format(why="'long'", left=f"NOT starts_with(l.note, %(text)s) AND length({_WHOLE}) > %(longest)s")}
"""
_UNPREFIX: Final = f"""{_LOCKED}, written AS (
        UPDATE products_order o SET note = ltrim(substr(l.note, length(%(text)s) + 1)), updated_at = %(now)s FROM locked l
        WHERE o.id = l.id AND starts_with(l.note, %(text)s)
        RETURNING o.id
    ) {_LEFT.format(why="'none'", left="NOT starts_with(l.note, %(text)s)")}
"""
