"""Chance without a state: the same seed and the same name always give the same number."""

from collections.abc import Sequence
from hashlib import blake2b
from math import exp


class Chance:
    """Draws named by what they are for; in Python for small tables, as SQL for rows.

    The SQL side rests on PostgreSQL's ``hashint8extended``, whose values do not depend on plan,
    order or server; so a row's draw follows from the seed and the row's own number alone.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def share(self, *name: object) -> float:
        """Return a number in [0, 1) for this name."""
        digest = blake2b(repr((self.seed, *name)).encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / (1 << 56)

    def count(self, expected: float, *name: object) -> int:
        """Return a whole number scattered round ``expected`` as arrivals are (Poisson; normal above 40)."""
        draw = self.share(*name)
        if expected > 40:
            spread = sum(self.share(*name, part) for part in range(12)) - 6
            number: int = max(0, round(expected + spread * expected**0.5))
            return number
        number, chance = 0, exp(-expected)
        rest = draw - chance
        while rest > 0 and number < 120:
            number += 1
            chance *= expected / number
            rest -= chance
        return number

    def _hash(self, key: str, salt: int) -> str:
        return f"hashint8extended({key}, {self.seed * 1009 + salt})"

    def sql(self, key: str, salt: int) -> str:
        """Return SQL for a number in [0, 1) of the bigint ``key``; one ``salt`` per use."""
        return f"(({self._hash(key, salt)} & 4294967295) / 4294967296.0::float8)"

    def sql_below(self, limit: int | str, key: str, salt: int) -> str:
        """Return SQL for an integer in [0, ``limit``)."""
        return f"(({self._hash(key, salt)} & 4294967295) % {limit})::int"

    def sql_pick(self, values: Sequence[object], key: str, salt: int) -> str:
        """Return SQL for one of ``values``; repeat a value to make it likelier."""
        return f"({array(values)})[1 + {self.sql_below(len(values), key, salt)}]"


def array(values: Sequence[object]) -> str:
    """Return an SQL array of integers or of texts."""
    if all(isinstance(value, int) for value in values):
        return f"ARRAY[{','.join(map(str, values))}]::int[]"
    return f"ARRAY[{','.join(quoted(str(value)) for value in values)}]::text[]"


def quoted(text: str) -> str:
    """Return ``text`` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def apportioned(weights: Sequence[float], slots: int) -> list[int]:
    """Return how many of ``slots`` each weight gets, by largest remainder."""
    total = sum(weights)
    exact = [weight * slots / total for weight in weights]
    counts = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda index: (counts[index] - exact[index], index))
    for index in order[: slots - sum(counts)]:
        counts[index] += 1
    return counts
