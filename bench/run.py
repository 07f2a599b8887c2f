"""``make bench``: prints one table, writes ``var/bench.json``, exit 1 when a goal is missed.

    python -m bench [GROUP…]      # imports, store (roll-ups and pages at one and ten times the data)

It empties the database it is given: it runs only in the benches' own folder of servers (``make bench``)
or where ``BENCH_DATABASE=1`` says that the database may be emptied.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from bench.measure import ROOT, Result, quick, report


class Sizes:
    """The stores to measure on, each made once and used by all groups."""

    def __init__(self) -> None:
        self.days = {"1x": 8, "10x": 80} if quick() else {"1x": 73, "10x": 730}
        self._there = ""

    def each(self) -> Iterator[tuple[str, int]]:
        """Yield (name, days) with the store filled accordingly."""
        from bench import store  # noqa: PLC0415 - Django must be ready

        for name, days in self.days.items():
            if self._there != name:
                print(f"store {name}: {store.fill(days)} orders", flush=True)
                self._there = name
            yield name, days


def together(groups: list[object]) -> Iterator[Result]:
    """Run the groups; each walks through the sizes itself."""
    sizes = Sizes()
    for group in groups:
        for result in group.run(sizes):  # type: ignore[attr-defined]
            print(
                f"{result.id}: {result.ratio:.3f} ({result.product:.4g} ÷ {result.limit:.4g} {result.unit})", flush=True
            )
            yield result


def main() -> int:
    """Run the groups named on the command line, else all."""
    place = os.environ.get("SHOPOPS_VAR", "")
    if Path(place).name != "bench" and os.environ.get("BENCH_DATABASE") != "1":
        print("The benches empty their database: run them by `make bench`.")
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - Django must be ready

    call_command("migrate", verbosity=0)
    from bench import imports, pages, rollups  # noqa: PLC0415

    known = {"imports": imports, "rollups": rollups, "pages": pages}
    chosen = [known[name] for name in sys.argv[1:] or known]
    results = list(together(chosen))
    return 0 if report(results, ROOT / "var" / "bench.json") else 1
