"""``make bench``: every goal measured, one table printed, ``var/bench.json`` written."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench import data, exports, history, imports, log_in, pages, rollups, start, stores
from bench.measure import QUICK, Goal, say
from shopops.ops.places import ROOT

RESULT: Final = ROOT / "var" / "bench.json"
GROUPS: Final = ("imports", "history", "log_in", "pages", "rollups", "exports", "start")


def main() -> None:
    """``python -m bench [GROUP…]``: exit 1 when a goal is missed."""
    wanted = sys.argv[1:] or GROUPS
    if unknown := set(wanted) - set(GROUPS):
        raise SystemExit(f"No such group: {', '.join(sorted(unknown))}. Known: {', '.join(GROUPS)}.")
    begun = time.perf_counter()
    stores.prepare()
    loaded: dict[str, Any] = {}
    found: list[Goal] = []
    if "imports" in wanted:
        files = data.Files()
        files.write()
        loaded["file"] = {
            "lines": data.LINES,
            "from": data.RETAIL.name if data.RETAIL.exists() else "invented",
            "history": data.LINES * data.TIMES,
        }
        found += imports.goals(files)
    if "history" in wanted:
        found += history.goals()
    if "log_in" in wanted:
        found += log_in.goals()
    if set(wanted) - {"imports", "history", "log_in"}:
        loaded |= data.make_stores()
    groups: dict[str, Callable[[], list[Goal]]] = {
        "pages": pages.goals,
        "rollups": rollups.goals,
        "exports": exports.goals,
        "start": start.goals,
    }
    for name, measure in groups.items():
        if name in wanted:
            found += measure()
    _tell(found, loaded, time.perf_counter() - begun)
    raise SystemExit(0 if all(goal.passed for goal in found) else 1)


def _tell(found: list[Goal], loaded: dict[str, Any], seconds: float) -> None:
    place = {"machine": _machine(), "commit": _commit()}
    goals = [goal.body() | place for goal in found]
    RESULT.parent.mkdir(exist_ok=True)
    body = {"quick": QUICK, "seconds": round(seconds), "rows": loaded, **place, "goals": goals}
    RESULT.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"\n{place['machine']} · {place['commit']}{' · QUICK' if QUICK else ''}")
    for name, counts in loaded.items():
        print(
            f"  {name:<5} "
            + ", ".join(
                f"{key} {value:,}" if isinstance(value, int) else f"{key} {value}" for key, value in counts.items()
            )
        )
    print(f"\n{'id':<10}{'product':>12}{'limit':>12}{'ratio':>9}{'goal':>8}  {'':<5}{'n':>2}  what")
    for goal in found:
        print(_line(goal))
    missed = [goal.id for goal in found if not goal.passed]
    say(
        f"{len(found) - len(missed)} of {len(found)} goals held in {seconds:.0f} s"
        + (f"; missed: {', '.join(missed)}" if missed else "")
    )


def _line(goal: Goal) -> str:
    limit = _value(min(goal.limit), goal.unit) if goal.limit else ""
    ratio = f"{goal.ratio:.3f}" if goal.limit else ""
    verdict = "ok" if goal.passed else "MISS"
    note = f" · {goal.note}" if goal.note else ""
    return (
        f"{goal.id:<10}{_value(min(goal.product), goal.unit):>12}{limit:>12}{ratio:>9}{goal.goal:>8g}"
        f"  {verdict:<5}{len(goal.product):>2}  {goal.what}{note}"
    )


def _value(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"
    return f"{value:.2f} {unit}" if unit == "MB" else f"{value:.0f} {unit}".strip()


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next((line.split(":")[1].strip() for line in _cpu() if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"


def _cpu() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
