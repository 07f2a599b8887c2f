"""A1: what the history costs an update of many rows, held against the same update without its triggers."""

from typing import Any

from bench import stores
from bench.measure import Goal, in_turn, say, timed

ROWS = 20_000


def goals() -> list[Goal]:
    """Measure both in turn in one transaction that is taken back."""
    say(f"A1 history of {ROWS:,} updated rows")
    with stores.connected(stores.EMPTY) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('shopops.actor', '0', true)")
        cursor.execute(
            """
            INSERT INTO products_sku (code, title, colour, size, is_demo, created_at, updated_at)
            SELECT 'BENCH-' || n, 'Bench ' || n, 'red', 'M', false, now(), now() FROM generate_series(1, %s) n
            """,
            [ROWS],
        )
        found = in_turn(lambda: {"bare": _updated(cursor, "replica"), "audited": _updated(cursor, "origin")})
        cursor.execute("SELECT count(*) FROM shopops_change WHERE op = 'update' AND table_name = 'products_sku'")
        kept = cursor.fetchone()[0]
        cursor.execute("ROLLBACK")
    if kept != ROWS * len(found["audited"]):
        raise SystemExit(f"A1: {kept} rows of history for {ROWS * len(found['audited'])} updates")
    return [Goal("A1", f"update of {ROWS:,} rows with history ÷ bare", 6, found["audited"], found["bare"])]


def _updated(cursor: Any, triggers: str) -> float:
    cursor.execute(f"SET LOCAL session_replication_role = {triggers}")  # replica: no trigger fires
    return timed(lambda: cursor.execute("UPDATE products_sku SET size = size || '+' WHERE code LIKE 'BENCH-%'"))
