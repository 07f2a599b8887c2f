"""Set-up on a bare machine, with the standard library alone: ``.venv`` and what the locks pin, by hash."""

import argparse
import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from shopops.ops.places import ROOT, VENV_PYTHON, Places

LOCKS: Final = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST: Final = (3, 11)


def install(*, dev: bool) -> None:
    """Bring ``.venv`` up to the locks; nothing is done where it is. Raises SystemExit with what is missing."""
    if sys.version_info < OLDEST:
        raise SystemExit("Python 3.11 or later is needed: make run PYTHON=python3.11")
    places = Places(ROOT / "var")
    places.make()
    with (places.run / "install.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # make run and make test may begin together
        if not _works():
            _make_venv()
        for name in ("run", "dev") if dev else ("run",):
            _install_lock(ROOT / LOCKS[name])


def _works() -> bool:
    try:
        done = subprocess.run([VENV_PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _make_venv() -> None:
    print("Making .venv …", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV_PYTHON.parents[1]], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(
            f"Python's venv failed (on Debian it is the package python3-venv):\n{done.stdout}{done.stderr}"
        )


def _install_lock(lock: Path) -> None:
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    done = VENV_PYTHON.parents[1] / f".{lock.stem}"
    if done.exists() and done.read_text() == wanted:
        return
    print(f"Installing {lock.name} …", flush=True)
    begun = time.monotonic()
    pip: list[str | Path] = [
        VENV_PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    result = subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", lock], cwd=ROOT, check=False)
    if result.returncode:
        raise SystemExit(f"pip could not install {lock.name}; run again once the cause above is gone.")
    done.write_text(wanted)
    print(f"Installed {lock.name} in {time.monotonic() - begun:.0f} s.", flush=True)


def main() -> None:
    """``python3 -m shopops.ops.install [--dev]``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--clean", action="store_true", help="take .venv and the front-end files away")
    options = parser.parse_args()
    if options.clean:
        for folder in (".venv", "front/node_modules", "front/browser/node_modules", "static/vendor", "var/static"):
            shutil.rmtree(ROOT / folder, ignore_errors=True)
        return
    install(dev=options.dev)


if __name__ == "__main__":
    main()
