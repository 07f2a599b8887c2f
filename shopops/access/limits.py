"""Limits that hold under parallel tries: each try is one statement that counts and decides at once.

Call these outside of a transaction that may be rolled back, or the try is forgotten with it.
"""

import math
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from shopops import clock
from shopops.access.models import Counter
from shopops.access.personal import digest

_TAKE: Final = """
    INSERT INTO shopops_counter AS c (key, kind, count, started_at, last_at) VALUES (%(key)s, %(kind)s, 1, %(now)s, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN c.started_at <= %(begin)s THEN 1 ELSE c.count + 1 END,
        started_at = CASE WHEN c.started_at <= %(begin)s THEN %(now)s ELSE c.started_at END,
        last_at = %(now)s
    RETURNING count, started_at
"""
_PAUSE: Final = "least(%(most)s, %(first)s * power(2, least(c.count - %(free)s, 20)))"
_PACE: Final = f"""
    INSERT INTO shopops_counter AS c (key, kind, count, started_at, last_at) VALUES (%(key)s, %(kind)s, 1, %(now)s, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN c.last_at <= %(begin)s THEN 1 ELSE c.count + 1 END,
        started_at = CASE WHEN c.last_at <= %(begin)s THEN %(now)s ELSE c.started_at END,
        last_at = %(now)s
    WHERE c.count < %(free)s OR c.last_at <= %(begin)s OR c.last_at + {_PAUSE} * interval '1 second' <= %(now)s
    RETURNING count
"""
_LEFT: Final = f"""
    SELECT extract(epoch FROM c.last_at + {_PAUSE} * interval '1 second' - %(now)s)
    FROM shopops_counter c WHERE key = %(key)s
"""


def take(kind: str, subject: object, *, limit: int, seconds: int) -> int:
    """Count one try of ``subject``; return 0 where it is among the ``limit`` of ``seconds``, else seconds to wait."""
    now = clock.now()
    count, started = _ask(_TAKE, kind, subject, now, seconds) or (1, now)
    return 0 if count <= limit else max(1, math.ceil((started + timedelta(seconds=seconds) - now).total_seconds()))


def pace(kind: str, subject: object, *, free: int, first: int, most: int, forget: int) -> int:
    """Count one try unless it comes too early; return 0 when it may go on, else the seconds to wait.

    ``free`` tries follow each other; then a pause of ``first`` seconds that doubles up to ``most``.
    After ``forget`` seconds without a try all is as at first. A refused try prolongs nothing.
    """
    now = clock.now()
    more = {"free": free, "first": first, "most": most}
    if _ask(_PACE, kind, subject, now, forget, **more) is not None:
        return 0
    (left,) = _ask(_LEFT, kind, subject, now, forget, **more) or (1,)
    return max(1, math.ceil(left))


def clear(kind: str, *subjects: object) -> None:
    """Forget the tries: the right one came."""
    Counter.objects.filter(pk__in=[_key(kind, subject) for subject in subjects]).delete()


def forget_old(*, now: datetime) -> int:
    """Drop counters nobody asked for since two days; return how many."""
    return Counter.objects.filter(last_at__lt=now - timedelta(days=2)).delete()[0]


def _key(kind: str, subject: object) -> str:
    return digest(f"limit:{kind}", str(subject)).hex()


def _ask(sql: str, kind: str, subject: object, now: datetime, seconds: int, **more: int) -> tuple[Any, ...] | None:
    begin = now - timedelta(seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"key": _key(kind, subject), "kind": kind, "now": now, "begin": begin, **more})
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
