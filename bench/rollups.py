"""U1, U2: one dirty day held against all days, and a night's report against a tenth of the history."""

import io
from contextlib import redirect_stdout
from datetime import timedelta
from typing import Any

from bench import data, stores
from bench.measure import QUICK, Goal, say, timed

DIRTY = 3  # how often a day is made dirty and recomputed
SCALE = 10 if QUICK else 1  # a rebuild of a tenth of the rows takes a tenth of the time, a day's statements do not


def goals() -> list[Goal]:
    """Measure roll-ups and reports of both stores."""
    found: dict[str, dict[str, Any]] = {}
    for size, name in data.STORES.items():
        say(f"U1 U2 roll-ups and report of the {size} store")
        found[size] = stores.inside(name, "bench.rollups:refreshed")
        found[size]["reports"] = stores.inside(name, "bench.rollups:reported")["reports"]
    small, large = found["1x"], found["10x"]
    return [
        Goal(
            "U1", "one dirty day ÷ full rebuild, 1×", 0.02 * SCALE, small["day"], [small["rebuild"]], note=small["note"]
        ),
        Goal(
            "U1-10x",
            "one dirty day ÷ full rebuild, 10×",
            0.005 * SCALE,
            large["day"],
            [large["rebuild"]],
            note=large["note"],
        ),
        Goal("U1-growth", "one dirty day, 10× ÷ 1× orders a day", 10, large["day"], small["day"]),
        Goal("U2", "nightly report of one day, 10× ÷ 1×", 1.5, large["reports"], small["reports"]),
    ]


# --- inside the program


def refreshed() -> dict[str, Any]:
    """Return the seconds of a full rebuild and of one dirty day of one channel, the last whole one."""
    from django.db import connection

    from products.sales.models import DirtyDay, SalesDay
    from products.sales.refresh import rebuild, refresh
    from shopops import clock

    days = 0

    def whole() -> None:
        nonlocal days
        days = rebuild()

    seconds = timed(whole)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE products_salesday")
    day = clock.today() - timedelta(days=2)
    channel = (
        SalesDay.objects.filter(day=day, basis="paid").order_by("-orders").values_list("channel_id", flat=True).first()
    )
    each = []
    for _number in range(DIRTY):
        DirtyDay.objects.create(channel_id=channel, day=day, marked_at=clock.now())
        each.append(timed(refresh))
    return {"rebuild": seconds, "day": each, "note": f"{days} channel days"}


def reported() -> dict[str, Any]:
    """Return the seconds of the same day's report, made by the command again and again."""
    from django.core.management import call_command

    from shopops import clock

    day = (clock.today() - timedelta(days=2)).isoformat()

    def one() -> None:
        with redirect_stdout(io.StringIO()):
            call_command("report", "--day", day, "--json")

    one()
    return {"reports": [timed(one) for _number in range(DIRTY)]}
