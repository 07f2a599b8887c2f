"""Orders find their buyers: one person per (scope, key), made where new.

The scope is the platform (its buyer ids are one namespace) or, for own sites, the channel; the key
is the platform's id or nick, or the keyed hash of the account's e-mail. Never a receiver's phone,
never masked text.
"""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from products.channels.models import Channel
from shopops.exchange.models import ImportBatch
from shopops.history.actor import SYSTEM, acting

_NEW: Final = """
    CREATE TEMP TABLE new_people ON COMMIT DROP AS
    SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS id, u.*
    FROM (
        SELECT o.buyer_key AS key, left(min(o.buyer), 120) AS label, min(o.batch_id) AS batch_id
        FROM products_order o
        WHERE o.channel_id = %(channel)s AND o.customer_id IS NULL AND o.buyer_key <> ''
          AND NOT EXISTS (SELECT FROM customers_identity i WHERE i.scope = %(scope)s AND i.key = o.buyer_key)
        GROUP BY 1 ORDER BY 1
    ) u
"""
_STATEMENTS: Final = (
    _NEW,
    """
    INSERT INTO customers_customer (id, name, is_demo, batch_id, created_at, updated_at)
    SELECT id, label, %(demo)s, batch_id, statement_timestamp(), statement_timestamp() FROM new_people ORDER BY id
    """,
    "INSERT INTO customers_identity (customer_id, scope, key, label) SELECT id, %(scope)s, key, label FROM new_people ORDER BY id",
    """
    UPDATE products_order o SET customer_id = i.customer_id FROM customers_identity i
    WHERE o.channel_id = %(channel)s AND o.customer_id IS NULL AND o.buyer_key <> ''
      AND i.scope = %(scope)s AND i.key = o.buyer_key
    """,
    "DROP TABLE new_people",
)


def resolve(channel: Channel, *, source: str = "") -> int:
    """Give every order of the channel that names a buyer its customer; return how many were given one."""
    values = {"channel": channel.pk, "scope": channel.identity_scope, "demo": channel.is_demo}
    found = 0
    with acting(SYSTEM, source=source), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.identity'))")
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
            if statement.lstrip().startswith("UPDATE"):
                found = cursor.rowcount
    return found


def after_import(batch_ids: Sequence[int], _claim: object) -> None:
    """Resolve the buyers of the channels these batches came into."""
    codes = ImportBatch.objects.filter(pk__in=batch_ids).values_list("channel_code", flat=True)
    for channel in Channel.objects.filter(code__in=set(codes)).order_by("pk"):
        resolve(channel, source=f"import:{batch_ids[0]}")
