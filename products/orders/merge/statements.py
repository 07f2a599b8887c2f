"""Running the merge's SQL: our own names are put in by template, values by the driver."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any, Final

from django.db import connection

from products.orders.staging import table_of
from products.orders.states import RANK

COUNTED_KINDS: Final = "('goods', 'charge')"  # of lines: whose money and pieces count


@dataclass(frozen=True)
class Source:
    """What a merge must know of its batch."""

    batch_id: int
    channel_id: int
    platform: str
    ship_hours: int
    zone: str  # of store days
    grain: str  # order, line, refund
    sums: Collection[str]  # order columns the file gives per line, to be added up
    keep_ties: bool
    one_row_per_refund: bool  # else the rows of one refund number are its lines


def rank(column: str, ranks: Mapping[str, int]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in ranks.items())
    return f"CASE {column} {cases} ELSE 0 END"


def differs(left: str, right: str, names: Collection[str]) -> str:
    return (
        f"({', '.join(f'{left}.{name}' for name in names)}) IS DISTINCT FROM"
        f" ({', '.join(f'{right}.{name}' for name in names)})"
    )


class Statements:
    """Runs templates: ``$name`` is one of our own identifiers or integers, ``%(name)s`` a value."""

    def __init__(self, source: Source, now: datetime) -> None:
        self.source = source
        self.cursor = connection.cursor()
        stage = table_of(source.batch_id).as_string(connection.cursor().cursor.connection)
        self.names = {
            "stage": stage,
            "channel": str(int(source.channel_id)),
            "batch": str(int(source.batch_id)),
            "ship_hours": str(int(source.ship_hours)),
            "rank_s": rank("s.state", RANK),
            "counted": COUNTED_KINDS,
            "take_ties": "false" if source.keep_ties else "true",
            "item_code": "coalesce(nullif(s.code, ''), nullif(s.item_code, ''), nullif(s.platform_sku, ''),"
            " nullif(s.platform_item, ''), '~' || left(md5(coalesce(s.title, '')), 16))",
        }
        self.values = {"zone": source.zone, "now": now}

    def run(self, statement: str, **names: str) -> int:
        text = Template(statement).substitute(self.names | names)
        self.cursor.execute(text.replace("%", "%%").replace("%%(", "%("), self.values)
        return int(self.cursor.rowcount)

    def one(self, statement: str, **names: str) -> tuple[Any, ...]:
        self.run(statement, **names)
        row: tuple[Any, ...] = self.cursor.fetchone()
        return row


def make_room() -> None:
    """Give this transaction memory for whole files, and have a sample of them do for statistics (an eighth of the time)."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL default_statistics_target = 20")


def lock(channel_id: int) -> None:
    """Let only one merge work on a channel until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '30min'")  # a big file may be before us; waiting is no mistake
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('products.orders.merge'), %s)", [channel_id])
