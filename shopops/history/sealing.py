"""The chain that shows tampering: each night the changes so far become one hash, chained with the night before's.

The program's own role can alter neither changes nor seals; who owns the database can, but not without
breaking a hash, and not unseen where an earlier export of the chain lies elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction

from shopops import clock
from shopops.history.models import Change, Seal

BLOCK: Final = 10_000  # ids of one block
START: Final = "0" * 64  # what the first seal is chained with
FIRST: Final = -(2**62)  # the number the first seal begins behind
PATIENCE_MS: Final = 500  # of others who write, while a lock is asked for
# One change as text without ambiguity; its content as a hash of its own, which outlives a person's erasure.
_ROW: Final = """jsonb_build_array(id, (extract(epoch FROM at) * 1000000)::bigint, table_name, row_id, op,
    coalesce(forgotten, encode(sha256(convert_to(changes::text, 'UTF8')), 'hex')), actor_id, request_id, source)::text"""
Block = tuple[int, int, str]


def seal(*, through: date, now: datetime) -> Seal | None:
    """Seal the changes up to the end of a store day that are not sealed yet; None when the day is sealed or not over.

    Safe to repeat and in parallel. Waits for nobody: raises OperationalError while somebody's long
    transaction writes, to be tried again.
    """
    ends = clock.day_range(through)[1]
    if ends > now or Seal.objects.filter(day__gte=through).exists():
        return None
    last = Seal.objects.order_by("-day").first()
    after, previous = (last.last_id, last.digest) if last else (FIRST, START)
    last_id = max(_last_before(ends), after)
    blocks = blocks_of(after, last_id)
    with transaction.atomic():
        made, is_new = Seal.objects.get_or_create(
            day=through,
            defaults={
                "after_id": after,
                "last_id": last_id,
                "count": sum(block[1] for block in blocks),
                "blocks": blocks,
                "previous": previous,
                "digest": digest_of(previous, blocks),
                "sealed_at": now,
            },
        )
    return made if is_new else None


def _last_before(moment: datetime) -> int:
    """Return the number of the last change before a moment, once nobody can add one below it any more."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE_MS)])
        # Who has written a change holds the table until the end of the transaction: with this lock in
        # hand every number given out so far is committed or lost.
        cursor.execute("LOCK TABLE shopops_change IN SHARE MODE")
        cursor.execute("SELECT id FROM shopops_change WHERE at < %s ORDER BY id DESC LIMIT 1", [moment])
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def blocks_of(after: int, last: int) -> list[Block]:
    """Return number, count and hash of each block of the changes after one and up to another; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id / {BLOCK}, count(*),
                   encode(sha256(string_agg(sha256(convert_to({_ROW}, 'UTF8')), ''::bytea ORDER BY id)), 'hex')
            FROM shopops_change WHERE id > %s AND id <= %s GROUP BY 1 ORDER BY 1
            """,
            [after, last],
        )
        return [(int(number), int(count), str(digest)) for number, count, digest in cursor.fetchall()]


def digest_of(previous: str, blocks: Iterable[Iterable[Any]]) -> str:
    """Return the seal of these blocks behind the seal before."""
    text = json.dumps([previous, [list(block) for block in blocks]], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def faults() -> Iterator[str]:
    """Yield what does not fit: a broken chain, a seal that is not that of its blocks, changes that are not those sealed."""
    previous, after = START, FIRST
    for item in Seal.objects.order_by("day").iterator(chunk_size=100):
        day = item.day.isoformat()
        if (item.previous, item.after_id) != (previous, after):
            yield f"{day}: the chain is broken before this day; a seal was removed, added or altered."
        if item.digest != digest_of(item.previous, item.blocks):
            yield f"{day}: the seal is not that of its blocks; it was altered."
        yield from _altered(item)
        previous, after = item.digest, item.last_id
    if unexplained := _emptied_unsaid():
        yield f"{unexplained} changes were emptied as if a person had been erased, and no erasure says so."


def emptied() -> int:
    """Return how many changes lost a person's values on request; their seals hold what stood there as a hash."""
    return Change.objects.filter(forgotten__isnull=False).count()


def _emptied_unsaid() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM shopops_change c WHERE c.forgotten IS NOT NULL AND NOT EXISTS (
                SELECT FROM shopops_change f
                WHERE f.table_name = c.table_name AND f.row_id = c.row_id AND f.op = 'forget' AND f.id > c.id
            )
            """
        )
        return int(cursor.fetchone()[0])


def _altered(item: Seal) -> Iterator[str]:
    sealed = {block[0]: block for block in map(tuple, item.blocks)}
    found = {block[0]: block for block in blocks_of(item.after_id, item.last_id)}
    for number in sorted(sealed.keys() | found.keys()):
        was, now = sealed.get(number), found.get(number)
        if was == now:
            continue
        first = max(number * BLOCK, item.after_id + 1)
        last = min(number * BLOCK + BLOCK - 1, item.last_id)
        counts = (was[1] if was else 0, now[1] if now else 0)
        told = "altered" if counts[0] == counts[1] else f"{counts[0]} were sealed, {counts[1]} are there"
        yield f"{item.day.isoformat()}: changes {first} to {last}: {told}."


def exported() -> Iterator[str]:
    """Yield the chain, one seal a line, to be kept where the database's owner cannot reach it."""
    for item in Seal.objects.order_by("day").iterator(chunk_size=100):
        yield json.dumps(
            {
                "day": item.day.isoformat(), "after_id": item.after_id, "last_id": item.last_id,
                "count": item.count, "previous": item.previous, "digest": item.digest,
            },
            separators=(",", ":"),
        )  # fmt: skip


def differing(lines: Iterable[str]) -> Iterator[str]:
    """Yield the days whose seal is not the one an earlier export names."""
    seals = dict(Seal.objects.values_list("day", "digest"))
    for line in lines:
        if not line.strip():
            continue
        kept = json.loads(line)
        if seals.get(date.fromisoformat(kept["day"])) != kept["digest"]:
            yield f"{kept['day']}: the seal is not the one that was exported."


def sealed_through() -> Seal | None:
    """Return the newest seal."""
    return Seal.objects.order_by("-day").first()


def unsealed(newest: Seal | None) -> int:
    """Return how many changes came after a seal (all there are without one), at most 100,000."""
    return Change.objects.filter(pk__gt=newest.last_id if newest else 0)[:100_000].count()
