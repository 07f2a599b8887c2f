"""Measuring: limit and product in turn, the least of some repetitions, one row of the table for each goal."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

QUICK: Final = os.environ.get("QUICK", "") not in {"", "0"}
FULL: Final = os.environ.get("FULL", "") not in {"", "0"}
REPETITIONS: Final = 3
ONCE_OVER: Final = 5.0 if QUICK else 60.0  # seconds: what takes longer is measured once


@dataclass
class Goal:
    """One goal and what came of it. Without a limit the product itself is held against the goal."""

    id: str
    what: str
    goal: float
    product: Sequence[float]
    limit: Sequence[float] | None = None
    unit: str = "s"
    note: str = ""
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Return product ÷ limit (of the minima), or the product where the goal is absolute."""
        return min(self.product) / min(self.limit) if self.limit else min(self.product)

    @property
    def passed(self) -> bool:
        return self.ratio <= self.goal

    def body(self) -> dict[str, object]:
        """Return what bench.json says of it."""
        return {
            "id": self.id,
            "what": self.what,
            "unit": self.unit,
            "limit": round(min(self.limit), 6) if self.limit else None,
            "product": round(min(self.product), 6),
            "ratio": round(self.ratio, 4) if self.limit else None,
            "goal": self.goal,
            "pass": self.passed,
            "n": len(self.product),
            "min": round(min(self.product), 6),
            "median": round(statistics.median(self.product), 6),
            "note": self.note,
            **self.extra,
        }


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds ``work`` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(rounds: Callable[[], dict[str, float]]) -> dict[str, list[float]]:
    """Measure a round (limit and product, one after the other) three times, a long one once."""
    found: dict[str, list[float]] = {}
    for _number in range(REPETITIONS):
        begun = time.perf_counter()
        for name, value in rounds().items():
            found.setdefault(name, []).append(value)
        if time.perf_counter() - begun > ONCE_OVER:
            break
    return found


def peak_mb() -> float:
    """Return the most memory this process ever held, in MB."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - no file system path of ours
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def resident_mb(pid: int) -> float:
    """Return the memory a process holds now, in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def say(text: str) -> None:
    """Tell what goes on."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)
