"""``make lock``: write both hash locks anew from the pinned lists; no host is written into them."""

import subprocess
import sys
from typing import Final

from shopops.ops.places import ROOT

OPTIONS: Final = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"),
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)


def main() -> None:
    """Compile ``requirements.in``, then the development list under the first one's versions."""
    uv = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS]
    subprocess.run([*uv, "requirements.in", "-o", "requirements.lock"], cwd=ROOT, check=True)
    dev = ["-c", "requirements.lock", "requirements-dev.in", "-o", "requirements-dev.lock"]
    subprocess.run([*uv, *dev], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
