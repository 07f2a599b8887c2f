"""The hook for a virus scanner (setting ATTACHMENT_SCAN): off by default; once on, a file nobody could scan is refused."""

import shlex
import socket
import struct
import subprocess
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from shopops.errors import Refused

SECONDS: Final = 60
PIECE: Final = 1 << 18


class Infected(Refused):
    """The scanner found something."""


def scan(path: Path) -> None:
    """Ask the scanner about a file. Raises Infected, or Refused where it gives no answer; nothing where it is off."""
    wanted = settings.ATTACHMENT_SCAN
    if not wanted:
        return
    try:
        clean = _by_clamd(path, wanted) if wanted.startswith("clamd:") else _by_command(path, wanted)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise Refused(_("The virus scanner does not answer. Try again later.")) from error
    if not clean:
        raise Infected(_("The virus scanner found something in it."))


def _by_command(path: Path, command: str) -> bool:
    """Run the command with the file's path behind it: 0 is clean, 1 is not, anything else no answer."""
    done = subprocess.run(  # noqa: S603 - the administrator's own command
        [*shlex.split(command), str(path)], check=False, capture_output=True, timeout=SECONDS
    )
    if done.returncode not in {0, 1}:
        raise ValueError(done.returncode)
    return done.returncode == 0


def _by_clamd(path: Path, where: str) -> bool:
    """Send the bytes to clamd: "clamd:/run/clamd.sock" or "clamd:host:port"."""
    with _connected(where.removeprefix("clamd:")) as link, path.open("rb") as file:
        link.sendall(b"zINSTREAM\0")
        while piece := file.read(PIECE):
            link.sendall(struct.pack(">I", len(piece)) + piece)
        link.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (piece := link.recv(4096)):
            answer += piece
    said = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if said.endswith("FOUND"):
        return False
    if not said.endswith("OK"):
        raise ValueError(said)
    return True


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(SECONDS)
        link.connect(where)
        return link
    host, _colon, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)
