"""How goals are measured: limit and product in turns, three times, the ratio of the quickest."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LONG: Final = 60.0  # seconds: what takes longer is measured once
TIMES: Final = 3


def quick() -> bool:
    """Say whether a tenth of the rows is asked for (``QUICK=1``)."""
    return os.environ.get("QUICK", "") not in {"", "0"}


@dataclass
class Result:
    """One goal: ``product`` ÷ ``limit``, both in ``unit``, against ``goal`` (at most)."""

    id: str
    what: str
    limit: float
    product: float
    goal: float
    unit: str = "s"
    n: int = TIMES
    median: float = 0.0
    note: str = ""
    commit: str = ""
    machine: str = field(default_factory=lambda: f"{platform.machine()}, {os.cpu_count()} CPUs")

    @property
    def ratio(self) -> float:
        return self.product / self.limit if self.limit else (0.0 if not self.product else float("inf"))

    @property
    def passed(self) -> bool:
        return self.ratio <= self.goal


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(
    goal_id: str,
    what: str,
    goal: float,
    limit: Callable[[], object],
    product: Callable[[], object],
    *,
    before: Callable[[], object] = lambda: None,
    note: str = "",
) -> Result:
    """Time ``limit`` and ``product`` in turns; ``before`` runs, untimed, ahead of each product call."""
    limits, products = [], []
    for _turn in range(TIMES):
        limits.append(seconds(limit))
        before()
        products.append(seconds(product))
        if products[-1] > LONG:
            break
    return Result(goal_id, what, min(limits), min(products), goal, n=len(products), median=median(products), note=note)


def report(results: list[Result], path: Path) -> bool:
    """Print the table, write it as JSON, and say whether every goal is met."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    print(f"\n{'id':<6}{'what':<58}{'limit':>10}{'product':>10}{'ratio':>9}{'goal':>8}  pass")
    for row in results:
        row.commit = commit
        print(
            f"{row.id:<6}{row.what:<58}{row.limit:>10.4g}{row.product:>10.4g}{row.ratio:>9.3f}{row.goal:>8.3g}"
            f"  {'yes' if row.passed else 'NO'}  {row.note}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(row) | {"ratio": row.ratio, "pass": row.passed, "min": row.product} for row in results]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return all(row.passed for row in results)
