"""What ``manage.py doctor`` looks at: can this installation work, and does it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from shopops.history.guards import APP_ROLE
from shopops.jobs.models import Outbox, Tick
from shopops.jobs.tasks import QUEUES
from shopops.ops import sending

STALE: Final = timedelta(minutes=3)  # promises: a queue without a sign of life for longer is ill
LEAST_DISK: Final = 0.2  # of the disk's size that must be free


class Finding(NamedTuple):
    """One thing looked at; ``problem`` is empty where it is well."""

    name: str
    problem: str


def examine(*, now: datetime) -> Iterator[Finding]:
    """Yield one finding after the other; a check that breaks is a finding itself."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("database", _database),
        ("role", _role),
        ("migrations", _migrations),
        ("broker", _broker),
        ("workers and beat", lambda: _ticks(now)),
        ("wake-up calls", lambda: _backlog(now)),
        ("static files", _static),
        ("disk", _disk),
        ("mail", _mail),
        ("sending", _sending),
    )
    for name, check in checks:
        try:
            yield Finding(name, check())
        except DatabaseError as error:
            yield Finding(name, str(error).strip())


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        (version,) = cursor.fetchone()
    return "" if int(version) >= 180000 else f"PostgreSQL 18 is needed, this is {version}."


def _role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (user,) = cursor.fetchone()
    return "" if user == APP_ROLE else f"works as {user}: the guards of history bind {APP_ROLE} only."


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied: manage.py migrate" if waiting else ""


def _broker() -> str:
    from shopops.celery import app  # noqa: PLC0415 - the broker client is heavy

    try:
        with app.connection_for_write() as line:
            line.ensure_connection(max_retries=1, timeout=2)
    except (OSError, app.connection_for_write().connection_errors) as error:
        return f"not reached: {error}"
    return ""


def _ticks(now: datetime) -> str:
    seen = dict(Tick.objects.values_list("name", "at"))
    late = [name for name in ("beat", *QUEUES) if name not in seen or now - seen[name] > STALE]
    return f"no sign of life for 3 minutes: {', '.join(late)}" if late else ""


def _backlog(now: datetime) -> str:
    waiting = Outbox.objects.filter(sent_at=None, created_at__lt=now - STALE).count()
    return f"{waiting} not sent for 3 minutes" if waiting else ""


def _static() -> str:
    return "" if (settings.STATIC_ROOT / "staticfiles.json").exists() else "not collected: manage.py collectstatic"


def _disk() -> str:
    disk = shutil.disk_usage(settings.VAR_DIR)
    return "" if disk.free / disk.total >= LEAST_DISK else f"only {disk.free / disk.total:.0%} free"


def _mail() -> str:
    return "" if settings.EMAIL_URL or not settings.SECURE else "EMAIL_URL is not set: mails stay in the outbox."


def _sending() -> str:
    match sending.state().stopped:
        case "copy":
            return (
                "stopped: this database was brought here from elsewhere. An administrator allows it on the outbox page."
            )
        case "paused":
            return "stopped by hand: the outbox page lets it go on."
    return ""
