"""Who of an audience gets which arm of a campaign, and who is held out (handbook 3 §6).

Drawn by a hash, so that Python and PostgreSQL give the same person the same arm, today and next year. The
salt is the store's; what was drawn is frozen with the audience.
"""

import hashlib
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

BUCKETS: Final = 10_000  # a share of one is one hundredth of a percent
HOLDOUT: Final = "holdout"


@dataclass(frozen=True)
class Shares:
    """The hold-out's share and those of the arms in their order, in buckets; together all of them."""

    holdout: int
    arms: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        sizes = [self.holdout, *(size for _name, size in self.arms)]
        names = [HOLDOUT, *(name for name, _size in self.arms)]
        if any(size < 0 for size in sizes) or sum(sizes) != BUCKETS or len(set(names)) < len(names):
            raise ValueError(f"{self} does not divide {BUCKETS} buckets among arms with names of their own.")

    def limits(self) -> list[tuple[str, int]]:
        """Return each arm, the hold-out first, with the bucket it ends before."""
        sizes = [self.holdout, *(size for _name, size in self.arms)]
        names = [HOLDOUT, *(name for name, _size in self.arms)]
        return list(zip(names, accumulate(sizes), strict=True))


def bucket(salt: str, campaign: int, member: int) -> int:
    """Return the bucket, 0 … 9999, of a member in a campaign."""
    digest = hashlib.sha256(f"{salt}:{campaign}:{member}".encode()).hexdigest()
    return int(digest[:8], 16) % BUCKETS


def holdout(salt: str, campaign: int, member: int, shares: Shares) -> str:
    """Return the arm of a member: HOLDOUT or the name of one of the arms."""
    drawn = bucket(salt, campaign, member)
    return next(name for name, limit in shares.limits() if drawn < limit)


def bucket_sql(member: str) -> str:
    """Return the SQL expression of :func:`bucket` for a column; parameters ``salt`` and ``campaign``.

    ``member`` is an identifier of ours, never a value. No percent sign stands in it: drivers read those.
    """
    text = f"%(salt)s::text || ':' || %(campaign)s::bigint || ':' || {member}"
    return f"mod(('x' || substr(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 1, 8))::bit(32)::bigint, {BUCKETS})"


def holdout_sql(member: str, shares: Shares) -> tuple[str, dict[str, str]]:
    """Return the SQL expression of :func:`holdout` and the parameters it adds: the names of the arms."""
    limits = shares.limits()
    cases = " ".join(f"WHEN drawn < {limit} THEN %(arm_{place})s" for place, (_name, limit) in enumerate(limits))
    names = {f"arm_{place}": name for place, (name, _limit) in enumerate(limits)}
    return f"(SELECT CASE {cases} END FROM (SELECT {bucket_sql(member)} AS drawn) AS draw)", names
