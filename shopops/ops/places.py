"""Where the store of this checkout keeps what is not in git. Runs without Django."""

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
VENV_PYTHON: Final = ROOT / ".venv" / "bin" / "python"


@dataclass(frozen=True)
class Places:
    """The folder of one store and what stands in it."""

    var: Path

    @property
    def keys(self) -> Path:
        """Passwords and keys, readable by the owner only."""
        return self.var / "keys.json"

    @property
    def run_file(self) -> Path:
        """The address, the log-ins and the process ids of the running store."""
        return self.var / "run.json"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def servers(self) -> Path:
        """The servers' own folder, or a link to it where their account cannot reach ``var``."""
        return self.var / "servers"

    @property
    def mark(self) -> str:
        """A short name of this store, for folders outside it."""
        return hashlib.sha256(str(self.var.resolve()).encode()).hexdigest()[:12]

    def make(self) -> None:
        """Make the folders. Raises PermissionError where ``var`` belongs to somebody else."""
        self.var.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.log, self.var / "tmp", self.var / "media"):
            folder.mkdir(mode=0o700, exist_ok=True)


def places() -> Places:
    """Return the places of the store this process works for (``SHOPOPS_VAR``, else ``var``)."""
    return Places(Path(os.environ.get("SHOPOPS_VAR") or ROOT / "var").absolute())


def write_private(path: Path, body: object) -> None:
    """Write JSON so that readers see the old file or the new one, and only the owner sees either."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object; empty where there is no file or only half of one."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def digest(paths: list[Path], *, root: Path = ROOT, extra: str = "") -> str:
    """Return a hash of files and their names, to see whether something changed since."""
    found = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        found.update(f"\0{path.relative_to(root)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()
