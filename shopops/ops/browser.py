"""``make browser``: a Chromium and a Chinese font for the browser tests, taken where they are, else from npm."""

import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

from shopops.ops.node import install_locked
from shopops.ops.places import ROOT, digest

FOLDER: Final = ROOT / "var" / "browser"
PACKAGES: Final = ROOT / "front" / "browser"
NAMES: Final = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome")
COMMAND: Final = "make browser"
FONT: Final = "NotoSansSC_400Regular.ttf"
FONTS_CONF: Final = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
  <cachedir>{folder}</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Browser:
    """A Chromium that starts, and the environment it needs."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Browser | None:
    """Return a Chromium: ``$CHROMIUM``, the machine's, Playwright's own, the one from npm; None without any."""
    named = os.environ.get("CHROMIUM")
    fonts = {"FONTCONFIG_FILE": str(FOLDER / "fonts.conf")} if (FOLDER / "fonts.conf").exists() else {}
    for path in (Path(named) if named else None, *(_on_path(name) for name in NAMES), _playwrights()):
        if path is not None and _starts(Browser(path, fonts)):
            return Browser(path, fonts)
    own = Browser(FOLDER / "chromium", fonts | {"LD_LIBRARY_PATH": str(FOLDER / "al2023" / "lib")})
    return own if own.program.exists() and _starts(own) else None


def provide() -> Browser:
    """Return a Chromium, with a Chinese font; installs from npm what is missing. Raises SystemExit if that fails."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not _chinese_font() and not (FOLDER / "fonts.conf").exists():
        _unpack_font()
    browser = find()
    if browser is None:
        _unpack_chromium()
        browser = find()
    if browser is None:
        raise SystemExit(
            f"No Chromium starts here. Install one (on Debian: apt-get install chromium fonts-noto-cjk), or {COMMAND}."
        )
    return browser


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def _playwrights() -> Path | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(cache.glob("chromium*/chrome-*/*headless*shell")) + sorted(cache.glob("chromium-*/chrome-*/chrome"))
    return found[-1] if found else None


def _starts(browser: Browser) -> bool:
    try:
        done = subprocess.run(
            [browser.program, "--version", "--no-sandbox"],
            env=os.environ | browser.environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False).stdout.strip())


def _packages() -> Path:
    modules = PACKAGES / "node_modules"
    wanted = digest([PACKAGES / "package-lock.json"])
    installed = modules / ".installed"
    if not installed.exists() or installed.read_text() != wanted:
        print("Fetching a Chromium and a Chinese font from npm …", flush=True)
        install_locked(PACKAGES)
        installed.write_text(wanted)
    return modules


def _unpack_chromium() -> None:
    import brotli  # noqa: PLC0415 - only here

    source = _packages() / "@sparticuz" / "chromium" / "bin"
    fresh = FOLDER / "chromium.new"
    fresh.write_bytes(brotli.decompress((source / "chromium.br").read_bytes()))
    fresh.chmod(0o755)
    for name in ("al2023", "swiftshader"):
        with tarfile.open(fileobj=BytesIO(brotli.decompress((source / f"{name}.tar.br").read_bytes()))) as archive:
            archive.extractall(FOLDER / name if name == "al2023" else FOLDER)  # noqa: S202 - npm checked its hash
    fresh.rename(FOLDER / "chromium")


def _unpack_font() -> None:
    source = _packages() / "@expo-google-fonts" / "noto-sans-sc" / "400Regular" / FONT
    fonts = FOLDER / "fonts"
    fonts.mkdir(exist_ok=True)
    shutil.copyfile(source, fonts / FONT)
    (FOLDER / "fonts.conf").write_text(FONTS_CONF.format(folder=fonts), encoding="utf-8")


if __name__ == "__main__":
    print(provide().program)
