"""One demo store to be: its seed, size and days, the draws by name, and the connection they are written through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.db import connection
from psycopg2.extras import execute_values

from analytics.demo.chance import Chance
from shopops import clock

SIZES: Final = {"tiny": (600, 100), "small": (30_000, 730), "large": (1_000_000, 730)}  # orders, days
MARK: Final = "demo"  # format version of the batches that are ours
_NAMES: Final = ["second", "hour", "kind", "pays", "pay_fast", "pay_secs", "late", "ship", "new", "parent", "buyer_new", "nick_head", "nick_tail", "place", "district", "lines", "pick", "quantity", "gift", "charge", "coupon", "bonus", "bonus_share", "postage", "refund", "refund_kind", "outcome", "asked", "done", "slow", "waiting", "whole", "which", "share", "reason", "message", "memo", "talent", "contact", "plain", "courier", "parcels", "item_unmapped", "item_other", "linked", "person", "finish", "number", "unknown", "flag", "coupon_size"]  # fmt: skip
_SALT: Final = {name: number for number, name in enumerate(_NAMES, 1)}


@dataclass(frozen=True)
class Story:
    """What a demo store is made from; equal stories give equal stores."""

    seed: int
    size: str
    moment: datetime  # the store is told up to this hour

    @cached_property
    def last(self) -> date:
        return clock.store_day(self.moment - timedelta(seconds=1))

    @cached_property
    def first(self) -> date:
        return self.last - timedelta(days=SIZES[self.size][1])

    @property
    def orders(self) -> int:
        return SIZES[self.size][0]

    @cached_property
    def chance(self) -> Chance:
        return Chance(self.seed)

    def days(self) -> list[date]:
        """Return all days, the first to the last."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def month(self, day: date) -> int:
        """Return how many months ``day`` lies after the first one."""
        return (day.year - self.first.year) * 12 + day.month - self.first.month

    def u(self, name: str, key: str = "o.n") -> str:
        """Return SQL for a number in [0, 1) of ``key``, for the use ``name``."""
        return self.chance.sql(key, _SALT[name])

    def below(self, limit: int | str, name: str, key: str = "o.n") -> str:
        """Return SQL for an integer in [0, ``limit``)."""
        return self.chance.sql_below(limit, key, _SALT[name])

    def pick(self, values: Sequence[object], name: str, key: str = "o.n") -> str:
        """Return SQL for one of ``values``."""
        return self.chance.sql_pick(values, key, _SALT[name])


def until(day: date | None) -> datetime:
    """Return the moment a story ends: the day's end, or the present hour's beginning where that is earlier."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return hour if day is None else min(hour, clock.day_range(day)[1])


class Pen:
    """Writes sets of rows; ``%(moment)s`` and ``%(zone)s`` stand in every statement's reach."""

    def __init__(self, story: Story) -> None:
        self.values = {"moment": story.moment, "zone": settings.STORE_TIME_ZONE}
        self.cursor = connection.cursor()

    def run(self, statement: str, **values: object) -> int:
        """Run a statement; ``%`` is plain unless it begins a named value. Return the rows touched."""
        self.cursor.execute(statement.replace("%", "%%").replace("%%(", "%("), self.values | values)
        return int(self.cursor.rowcount)

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        self.run(statement, **values)
        return list(self.cursor.fetchall())

    def table(self, name: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        """Make a temporary table, gone with the transaction, that holds ``rows``."""
        self.run(f"DROP TABLE IF EXISTS {name}")
        self.run(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
        execute_values(self.cursor, f"INSERT INTO {name} VALUES %s", list(rows), page_size=2000)
        self.run(f"ANALYZE {name}")

    def keep(self, name: str, query: str) -> None:
        """Make a temporary table of a query's rows."""
        self.run(f"DROP TABLE IF EXISTS {name}")
        self.run(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}")
        self.run(f"ANALYZE {name}")
