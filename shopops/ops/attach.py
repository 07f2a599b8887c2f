"""What ``manage.py`` does before Django: it works beside a running store or starts its servers for its time."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from shopops.ops.places import places
from shopops.ops.servers import Servers, given

WITHOUT_SERVERS: Final = frozenset(
    {"help", "--help", "-h", "version", "--version", "messages", "collectstatic", "findstatic", "diffsettings"}
)
AS_OWNER: Final = frozenset({"migrate", "createcachetable", "flush", "prepare", "dbshell", "sqlmigrate"})


@contextmanager
def store_for(arguments: list[str]) -> Iterator[None]:
    """Give a management command its settings and servers, unless the environment names them."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in AS_OWNER:
        os.environ.setdefault("SHOPOPS_DB_OWNER", "1")
    if given():
        yield
        return
    servers = Servers(places())
    if command in WITHOUT_SERVERS or {"--help", "-h"} & set(arguments):
        _name(servers)
        yield
        return
    signal.signal(signal.SIGTERM, ended)
    try:
        servers.attach()
        _name(servers)
        yield
    finally:
        servers.release()


def _name(servers: Servers) -> None:
    for name, value in servers.environment().items():
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)


def ended(_number: int, _frame: object) -> NoReturn:
    """Leave by an exception, so that the servers are released on the way out; 143 is how a shell reports SIGTERM."""
    raise SystemExit(143)
