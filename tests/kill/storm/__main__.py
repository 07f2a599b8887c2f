"""``python -m tests.kill.storm [imports|reports [PART ...]] [--kills N] [--small] [--json FILE]``.

Without a name every part of both storms runs, some beside each other, each in a store of its own; with
names only those parts, which are added to what the file holds. The file (``var/storm.json``) is written
after each part, so a storm that is broken off loses only the parts that ran; ``--missing`` runs what it
does not hold. Exit status 1 where anything was half, lost, doubled, or a control green.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from shopops.ops.places import ROOT
from tests.kill.storm import imports, reports
from tests.kill.storm.counting import table

STORMS: Final = {"imports": imports, "reports": reports}
KILLS: Final = {"imports": 64, "reports": 33}
AT_ONCE: Final = 4  # stores beside each other: on two cores more wait for each other, and their leases end
MOMENTS: Final = {"imports": (imports.WEB, *imports.MOMENTS), "reports": tuple(reports.MOMENTS)}


def parts_of(name: str) -> list[str]:
    """Return the parts of a whole storm, the longest first."""
    names = [part for part in STORMS[name].parts(KILLS[name]) if part != "small"]
    return sorted(names, key=lambda part: part.startswith("kills"))


def one(name: str, part: str, kills: int) -> dict[str, Any]:
    """Run one part of a storm in this process; return what it found."""
    folder = Path(tempfile.mkdtemp(prefix=f"so-storm-{name}-"))
    folder.chmod(0o755)
    begun = time.monotonic()
    try:
        found = STORMS[name].run(folder, *STORMS[name].parts(kills)[part])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found.seconds = time.monotonic() - begun
    return found.as_json() | {"clean": found.clean}


def several(wanted: list[tuple[str, str]], file: Path, kept: dict[str, dict[str, Any]], options: list[str]) -> None:
    """Run parts beside each other; after each write everything found so far."""
    waiting, running = list(wanted), {}
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                name, part = waiting.pop(0)
                own = Path(folder) / f"{name} {part}"
                command = [sys.executable, "-m", "tests.kill.storm", name, part, "--alone", "--json", own, *options]
                running[name, part] = subprocess.Popen(command, cwd=ROOT), own
            name, part = _first_ended(running)
            _process, own = running.pop((name, part))
            kept.setdefault(name, {})[part] = json.loads(own.read_text()) if own.exists() else None
            write(file, kept)


def _first_ended(running: dict[tuple[str, str], tuple[subprocess.Popen[bytes], Path]]) -> tuple[str, str]:
    while True:
        for key, (process, _file) in running.items():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
                return key


def write(file: Path, kept: dict[str, dict[str, Any]]) -> None:
    """Write what the parts found, whole or not at all."""
    file.parent.mkdir(exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    new.replace(file)


def together(parts: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    """Return the sum of what the parts of a storm found; a part that ended without a word is a fault."""
    found = [part for part in parts.values() if part is not None]
    lost = [f"{name}: broke off" for name, part in parts.items() if part is None]
    kills: dict[str, Counter[str]] = {}
    missed: Counter[str] = Counter()
    for part in found:
        missed.update(part["not_effective"])
        for target, moments in part["kills"].items():
            kills.setdefault(target, Counter()).update(moments)
    return {
        "effective": sum(part["effective"] for part in found),
        "kills": {target: dict(moments) for target, moments in sorted(kills.items())},
        "not_effective": dict(missed),
        "halves": [fault for part in found for fault in part["halves"]],
        "lost": [fault for part in found for fault in part["lost"]] + lost,
        "doubled": [fault for part in found for fault in part["doubled"]],
        "checks": {
            f"{name}, {check}": text
            for name, part in parts.items()
            if part is not None
            for check, text in part["checks"].items()
        },
        "controls": {name: text for part in found for name, text in part["controls"].items()},
        "seconds": max((part["seconds"] for part in found), default=0),
        "clean": not lost and all(part["clean"] for part in found),
    }


def main() -> int:
    """Run what the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", choices=tuple(STORMS))
    parser.add_argument("parts", nargs="*", metavar="part")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--small", action="store_true", help="a few kills, as the test run does")
    parser.add_argument("--missing", action="store_true", help="only the parts the file does not hold")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "storm.json")
    chosen = parser.parse_args()
    if chosen.small or chosen.alone:
        part = "small" if chosen.small else chosen.parts[0]
        found = one(chosen.name, part, chosen.kills or KILLS[chosen.name])
        chosen.json.write_text(json.dumps(found, ensure_ascii=False, indent=1))
        return 0 if found["clean"] else 1
    wanted = [
        (name, part) for name in ([chosen.name] if chosen.name else STORMS) for part in chosen.parts or parts_of(name)
    ]
    kept = json.loads(chosen.json.read_text()) if chosen.json.exists() and (chosen.name or chosen.missing) else {}
    if chosen.missing:
        wanted = [(name, part) for name, part in wanted if not kept.get(name, {}).get(part)]
    several(wanted, chosen.json, kept, ["--kills", str(chosen.kills)] if chosen.kills else [])
    return tell(kept)


def tell(kept: dict[str, dict[str, Any]]) -> int:
    """Print the tables of what the parts found, and name the parts that did not run; return the exit status."""
    results = {name: together(kept[name]) for name in STORMS if name in kept}
    print("\n\n".join(table(name, found, MOMENTS[name]) for name, found in results.items()))
    missing = [f"{name} {part}" for name in STORMS for part in parts_of(name) if part not in kept.get(name, {})]
    clean = all(found["clean"] for found in results.values())
    print(("\nclean" if clean else "\nFAULTS") + (f"; not run: {', '.join(missing)}" if missing else ""), flush=True)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
