"""A worker's child process that kills itself with SIGKILL at one counted point of an import.

    python -m tests.kill.import_process JOB POINT [--unguarded]

Points are counted from 0: each block read, each statement of the merge, each step after it, the end.
POINT -1 runs through and prints how many there were, and how many of them before the commit. ``--unguarded`` takes the guard away: every
statement commits by itself (the control: then a kill must leave half an import).
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopops.settings")


class Points:
    """Counts the points passed and dies at the wanted one."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.passed = wanted, 0
        self.committed = 0  # points up to the merge's commit

    def here(self) -> None:
        if self.passed == self.wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def before(self, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **kwargs: object) -> object:
            self.here()
            return function(*args, **kwargs)

        return counted


@contextmanager
def _nothing(*_args: object, **_kwargs: object) -> Iterator[None]:
    yield


def _unguard() -> None:
    from django.db import connection

    from products.orders import imports
    from products.orders.merge.statements import Statements
    from shopops.history import actor
    from shopops.jobs.services import Claim

    loose = SimpleNamespace(atomic=_nothing, set_rollback=lambda _value: None)
    imports.transaction = actor.transaction = loose
    Claim.hold = lambda self: None  # it locks a row, which needs a transaction

    def name(who: tuple[int, str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('shopops.actor', %s, false), set_config('shopops.source', %s, false)",
                [str(who[0]), who[1]],
            )

    actor._name = name
    run = Statements.run
    Statements.run = lambda self, text, **names: run(self, text.replace("ON COMMIT DROP", ""), **names)


def main(job: int, point: int, *, guarded: bool) -> None:
    import django

    django.setup()
    from products.orders import checking, following
    from products.orders.merge.statements import Statements
    from shopops.jobs import services

    if not guarded:
        _unguard()
    points = Points(point)
    Statements.run = points.before(Statements.run)
    services.Claim.renew = points.before(services.Claim.renew)
    services.Claim.finish = points.before(services.Claim.finish)
    checking.put = points.before(checking.put)
    following.registered = _counting(following.registered, points)
    state = services.perform(job)
    print(state, points.passed, points.committed)


def _counting(registered: Callable[..., Iterator[object]], points: Points) -> Callable[..., Iterator[object]]:
    def counted(kind: str, name: str) -> Iterator[object]:
        if name == "AFTER_IMPORT":
            points.committed = points.committed or points.passed
        for step in registered(kind, name):
            yield type(step)(step.stage, points.before(step.run)) if hasattr(step, "stage") else points.before(step)

    return counted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), guarded="--unguarded" not in sys.argv)
