"""Orders find their buyers: one person per (scope, key), made where new.

The scope is the platform (its buyer ids are one namespace) or, for own sites, the channel; the key
is the platform's id or nick, or the keyed hash of the account's e-mail. Never a receiver's phone,
never masked text.
"""

from collections.abc import Sequence
from typing import Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.identity.models import Merge
from products.channels.models import Channel
from shopops import clock
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting

_NEW: Final = """
    CREATE TEMP TABLE new_people ON COMMIT DROP AS
    SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS id, u.*
    FROM (
        SELECT o.buyer_key AS key, left(min(o.buyer), 120) AS label,
               coalesce(min(o.batch_id) FILTER (WHERE o.batch_id = ANY(%(batches)s::bigint[])), %(last)s::bigint) AS batch_id
        FROM products_order o
        WHERE o.channel_id = %(channel)s AND o.customer_id IS NULL AND o.buyer_key <> ''
          AND NOT EXISTS (SELECT FROM customers_identity i WHERE i.scope = %(scope)s AND i.key = o.buyer_key)
        GROUP BY 1 ORDER BY 1
    ) u
"""
_MAKE: Final = (
    """
    INSERT INTO customers_customer (id, name, is_demo, batch_id, created_at, updated_at)
    SELECT id, label, %(demo)s, batch_id, statement_timestamp(), statement_timestamp() FROM new_people ORDER BY id
    """,
    "INSERT INTO customers_identity (customer_id, scope, key, label) SELECT id, %(scope)s, key, label FROM new_people ORDER BY id",
)
_STATEMENTS: Final = (
    _NEW,
    *_MAKE,
    # One look-up an order: identities just made have no statistics, a join would compare all with all.
    """
    CREATE TEMP TABLE resolved ON COMMIT DROP AS
    SELECT o.id, o.created_at, o.paid_at,
           (SELECT i.customer_id FROM customers_identity i WHERE i.scope = %(scope)s AND i.key = o.buyer_key) AS customer_id
    FROM products_order o
    WHERE o.channel_id = %(channel)s AND o.customer_id IS NULL AND o.buyer_key <> ''
    """,
    # The days these orders count on have other buyers now, also when somebody refreshed them since the merge.
    """
    INSERT INTO products_dirtyday (channel_id, day, marked_at)
    SELECT %(channel)s, day, %(now)s FROM (
        SELECT DISTINCT (unnest(ARRAY[created_at, paid_at]) AT TIME ZONE %(zone)s)::date AS day FROM resolved
        WHERE customer_id IS NOT NULL
    ) d WHERE day IS NOT NULL ORDER BY day
    ON CONFLICT (channel_id, day) DO UPDATE SET marked_at = excluded.marked_at
    """,
    """
    UPDATE products_order o SET customer_id = r.customer_id FROM resolved r
    WHERE o.id = r.id AND r.customer_id IS NOT NULL
    """,
    "DROP TABLE resolved",
    "DROP TABLE new_people",
)


def resolve(channel: Channel, *, batch_ids: Sequence[int] = (), source: str = "") -> int:
    """Give every order of the channel that names a buyer its customer; return how many were given one.

    New persons name the batch of ``batch_ids`` that brought them.
    """
    values = {
        "channel": channel.pk,
        "scope": channel.identity_scope,
        "demo": channel.is_demo,
        "batches": list(batch_ids),
        "last": max(batch_ids, default=None),
        "now": clock.now(),
        "zone": clock.store_zone().key,
    }
    found = 0
    with acting(SYSTEM, source=source), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.identity'))")
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
            if statement.lstrip().startswith("UPDATE"):
                found = cursor.rowcount
    return found


_NAMED: Final = (
    """
    CREATE TEMP TABLE new_people AS
    SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS id, u.*
    FROM (
        SELECT b.key, b.label, %(batch)s::bigint AS batch_id FROM {table} b
        WHERE NOT EXISTS (SELECT FROM customers_identity i WHERE i.scope = %(scope)s AND i.key = b.key)
        ORDER BY b.key
    ) u
    """,
    *_MAKE,
    """
    UPDATE {table} b SET customer_id
        = (SELECT i.customer_id FROM customers_identity i WHERE i.scope = %(scope)s AND i.key = b.key)
    """,
    "DROP TABLE new_people",
)


def name_buyers(channel_id: int, batch_id: int, table: str) -> None:
    """Fill in the customers of a table of (key, label, customer_id), making those who are new; in the caller's transaction."""
    channel = Channel.objects.get(pk=channel_id)
    values = {"scope": channel.identity_scope, "demo": channel.is_demo, "batch": batch_id}
    with acting(SYSTEM, source=f"import:{batch_id}"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.identity'))")
        for statement in _NAMED:
            cursor.execute(statement.replace("{table}", table), values)


def after_import(batch_ids: Sequence[int], _claim: object) -> None:
    """Resolve the buyers of the channels these batches came into."""
    batches = ImportBatch.objects.filter(pk__in=batch_ids).exclude(state=ImportBatch.State.UNDONE)
    of_channel: dict[str, list[int]] = {}
    for pk, code in batches.values_list("pk", "channel_code").order_by("pk"):
        of_channel.setdefault(code, []).append(pk)
    for channel in Channel.objects.filter(code__in=of_channel).order_by("pk"):
        ids = of_channel[channel.code]
        resolve(channel, batch_ids=ids, source=f"import:{ids[-1]}")


_UNUSED: Final = """
    CREATE TEMP TABLE unused_people ON COMMIT DROP AS
    SELECT c.id FROM customers_customer c JOIN shopops_importbatch b ON b.id = c.batch_id
    WHERE c.batch_id = ANY(%(batches)s) AND b.state = 'undone'
      AND NOT EXISTS (SELECT FROM products_order o WHERE o.customer_id = c.id)
      AND NOT EXISTS (SELECT FROM customers_merge m WHERE c.id IN (m.kept_id, m.gone_id))
"""


def remove_unused(batch_ids: Sequence[int], _claim: object) -> None:
    """Remove the persons whom imports brought that were taken back, where no order names them any more."""
    if not batch_ids:
        return
    with acting(SYSTEM, source=f"undo:{batch_ids[0]}"), connection.cursor() as cursor:
        cursor.execute(_UNUSED, {"batches": list(batch_ids)})
        cursor.execute("DELETE FROM customers_identity i USING unused_people u WHERE i.customer_id = u.id")
        cursor.execute("DELETE FROM customers_customer c USING unused_people u WHERE c.id = u.id")
        cursor.execute("DROP TABLE unused_people")


def reason_against_undo(batch: ImportBatch) -> str:
    """Return why the batch's buyers keep it from being taken back; empty when nothing does."""
    merged = Merge.objects.filter(Q(kept__batch=batch) | Q(gone__batch=batch), undone_at=None)
    if merged.exists():
        return _("Buyers it brought were merged since. Undo the merge first.")
    return ""
