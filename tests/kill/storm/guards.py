"""The guards of the promises, taken away one at a time in real processes: then the storm must find faults."""

from contextlib import contextmanager
from types import ModuleType, SimpleNamespace


@contextmanager
def _nothing(*_args, **_kwargs):
    yield


def remove(guard: str, module: ModuleType) -> None:
    """Take ``guard`` away from a module that was just loaded."""
    removals = {
        ("import transaction", "products.orders.imports"): import_transaction,
        ("import fence", "shopops.jobs.services"): import_fence,
        ("report transaction", "analytics.reports.services"): report_transaction,
        ("report uniqueness", "analytics.reports.services"): report_uniqueness,
        ("report fence", "shopops.jobs.services"): claims,
        ("report fence", "analytics.reports.services"): report_moment,
        ("sweeper", "shopops.jobs.services"): sweeper,
    }
    found = removals.get((guard, module.__name__))
    if found is not None:
        found(module)


def import_transaction(_module: ModuleType) -> None:
    """Every statement of the merge commits by itself."""
    from tests.kill.import_process import _unguard

    _unguard()


def import_fence(jobs: ModuleType) -> None:
    """A worker that lost its lease may still commit."""
    jobs.Claim.hold = lambda _self: None


def sweeper(jobs: ModuleType) -> None:
    """Nobody looks for jobs whose worker was lost."""
    jobs.requeue_lost = lambda **_now: []


def claims(jobs: ModuleType) -> None:
    """Whoever is woken takes the job, also one that somebody works on; nobody looks whose it is."""
    from django.db.models import Q

    open_ = Q(state__in=("queued", "running"))
    jobs._is_free = lambda _now: open_
    jobs.Claim.hold = lambda _self: None
    jobs.Claim._held = lambda self: jobs.Job.objects.filter(pk=self.job_id)


def report_uniqueness(reports: ModuleType) -> None:
    """Nobody looks whether the revision is there, and its number is the next free one."""
    from django.db.models import Max

    make = reports.make

    def unguarded(claim, *, report, number, **rest):
        newest = reports.Revision.objects.filter(report=report).aggregate(newest=Max("number"))["newest"] or 0
        make(claim, report=report, number=newest + 1, **rest)

    reports.make = unguarded
    reports._is_settled = lambda *_seen: False


def report_moment(reports: ModuleType) -> None:
    """As above, and who waited for the report's row sees what was written meanwhile and goes on."""
    report_uniqueness(reports)
    reports._one_moment = lambda: None


def report_transaction(reports: ModuleType) -> None:
    """Every statement of the making commits by itself."""
    reports.transaction = SimpleNamespace(atomic=_nothing)
    reports._one_moment = lambda: None
    reports.Report.objects._queryset_class.select_for_update = lambda self, **_options: self
    from shopops.jobs import services as jobs

    jobs.Claim.hold = lambda _self: None
