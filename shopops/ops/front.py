"""``make front``: the files the pages load, built into ``static/vendor`` from locked packages."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shopops.ops.node import install_locked, node
from shopops.ops.places import ROOT, digest, places

FRONT: Final = ROOT / "front"
TARGET: Final = ROOT / "static" / "vendor"
PACKAGES: Final = ("package.json", "package-lock.json", ".npmrc")


def build(*, update: bool = False) -> bool:
    """Build what is missing or outdated and say whether anything was; ``update`` writes the sums anew."""
    places().make()
    with _alone():
        wanted = digest([path for path in FRONT.iterdir() if path.is_file()])
        built = TARGET / ".built"
        if not update and built.exists() and built.read_text() == wanted:
            return False
        _packages()
        node("build.mjs", *(["--update"] if update else []), folder=FRONT)
        built.write_text(digest([path for path in FRONT.iterdir() if path.is_file()]) if update else wanted)
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """Lock the folder itself: the files belong to the checkout, whatever store asks for them."""
    folder = os.open(FRONT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _packages() -> None:
    wanted = digest([FRONT / name for name in PACKAGES])
    installed: Path = FRONT / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text() != wanted:
        install_locked(FRONT)
        installed.write_text(wanted)


if __name__ == "__main__":
    build(update="--update" in sys.argv)
