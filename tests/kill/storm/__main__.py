"""``python -m tests.kill.storm [imports|reports] [--kills N] [--small] [--json FILE]``.

Without a name both storms run beside each other, each in a store of its own; the table is printed and
``var/storm.json`` written. Exit status 1 where anything was half, lost, doubled, or a control green.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from shopops.ops.places import ROOT
from tests.kill.storm import imports, reports
from tests.kill.storm.counting import table

KILLS = {"imports": 62, "reports": 32}
PARTS = {"imports": 3, "reports": 2}  # stores beside each other: most of the time leases are waited for
MOMENTS = {"imports": (imports.WEB, *imports.MOMENTS), "reports": tuple(reports.MOMENTS)}


def one(name: str, kills: int, *, small: bool, controls: bool, part: int = 0) -> dict:
    """Run one storm, or a part of it; return what it found."""
    folder = Path(tempfile.mkdtemp(prefix=f"so-storm-{name}-"))
    folder.chmod(0o755)
    begun = time.monotonic()
    try:
        parts = 1 if small else PARTS[name]
        weather = {"imports": imports, "reports": reports}[name]
        found = weather.run(folder, kills=kills, controls=controls, small=small, part=part, parts=parts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found.seconds = time.monotonic() - begun
    return found.as_json() | {"clean": found.clean}


def both(options: list[str]) -> dict[str, dict]:
    """Run both storms in parts beside each other."""
    with tempfile.TemporaryDirectory() as folder:
        parts = [(name, part) for name in PARTS for part in range(1 if "--small" in options else PARTS[name])]
        files = {key: Path(folder) / f"{key[0]}{key[1]}" for key in parts}
        begin = [sys.executable, "-m", "tests.kill.storm"]
        running = [
            subprocess.Popen([*begin, name, "--part", str(part), "--json", file, *options], cwd=ROOT)
            for (name, part), file in files.items()
        ]
        for process in running:
            process.wait()
        return {
            name: together([file for (storm, _part), file in files.items() if storm == name]) for name in sorted(KILLS)
        }


def together(files: list[Path]) -> dict:
    """Return the sum of what the parts of a storm found; a part that ended without a word is a fault."""
    found = [json.loads(file.read_text()) for file in files if file.exists()]
    lost = ["a part of the storm broke off"] * (len(files) - len(found))
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
        "checks": {name: text for part in found for name, text in part["checks"].items()},
        "controls": {name: text for part in found for name, text in part["controls"].items()},
        "seconds": max((part["seconds"] for part in found), default=0),
        "clean": not lost and all(part["clean"] for part in found),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", choices=tuple(KILLS))
    parser.add_argument("--kills", type=int)
    parser.add_argument("--small", action="store_true", help="a few kills, as the test run does")
    parser.add_argument("--part", type=int, default=0, help="which part of a storm")
    parser.add_argument("--no-controls", action="store_true")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "storm.json")
    chosen = parser.parse_args()
    if chosen.name:
        kills = chosen.kills or KILLS[chosen.name]
        results = {
            chosen.name: one(chosen.name, kills, small=chosen.small, controls=not chosen.no_controls, part=chosen.part)
        }
        chosen.json.write_text(json.dumps(results[chosen.name], ensure_ascii=False, indent=1))
    else:
        asked = {"--small": chosen.small, "--no-controls": chosen.no_controls}
        results = both([option for option, wanted in asked.items() if wanted])
        chosen.json.parent.mkdir(exist_ok=True)
        chosen.json.write_text(json.dumps(results, ensure_ascii=False, indent=1))
        print("\n\n".join(table(name, found, MOMENTS[name]) for name, found in results.items() if found["effective"]))
    clean = all(found["clean"] for found in results.values())
    print("\nclean" if clean else "\nFAULTS", flush=True)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
