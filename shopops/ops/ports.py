"""The web server's port: chosen, and kept from other stores from then on until the web server has it."""

import socket
from typing import Final

FIRST: Final = 8000
MANY: Final = 100  # tried from the first one when nobody asked for a certain one
OPTIONS: Final = (  # for holding a port, the strictest first
    (),  # nobody else gets it, not even one who asks at the same moment
    (socket.SO_REUSEPORT,),  # where connections of our web server's last run still linger
    (socket.SO_REUSEPORT, socket.SO_REUSEADDR),  # where those of a stranger do: free, but not held
)


def take(host: str, asked: str | None, last: int | None) -> socket.socket:
    """Hold the asked port, else the one of last time, else the first free one, until the socket is closed.

    The socket hears nothing: connections go to the web server, which binds the port beside it.
    Raises SystemExit where the asked one, or every one, is taken.
    """
    if asked:
        held = _hold(host, int(asked)) if asked.isascii() and asked.isdigit() else None
        if held is None:
            raise SystemExit(f"Port {asked} is taken or wrong: PORT=8123 make run")
        return held
    for port in (*([last] if last else []), *range(FIRST, FIRST + MANY)):
        if (held := _hold(host, port)) is not None:
            return held
    raise SystemExit(f"Ports {FIRST} to {FIRST + MANY - 1} are taken: PORT=9000 make run")


def number(held: socket.socket) -> int:
    """Return the held port."""
    return int(held.getsockname()[1])


def _hold(host: str, port: int) -> socket.socket | None:
    if not _is_free(host, port):
        return None
    for options in OPTIONS:
        held = _socket(host)
        try:
            for option in options:
                held.setsockopt(socket.SOL_SOCKET, option, 1)
            held.bind((host, port))
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # from here on our web server may join
        except OSError:
            held.close()
        else:
            return held
    return None


def _is_free(host: str, port: int) -> bool:
    with _socket(host) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except (OSError, OverflowError):
            return False
    return True


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
