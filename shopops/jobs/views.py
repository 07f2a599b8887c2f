"""What the workers do: jobs, and when each queue last gave a sign of life."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops import clock
from shopops.jobs.models import Job, Outbox, Tick
from shopops.jobs.tables import JobTable
from shopops.jobs.tasks import QUEUES
from shopops.ui import formats
from shopops.ui.filters import Choice, Tab
from shopops.ui.pages import ListPage, State

QUEUE_NAMES = {
    "imports": gettext_lazy("Imports"),
    "campaigns": gettext_lazy("Mass messages"),
    "reports": gettext_lazy("Reports"),
    "default": gettext_lazy("Everything else"),
}
SILENT = timedelta(minutes=3)  # a queue without a sign of life for longer is an alarm


class JobList(ListPage):
    permission = "operation.view"
    table = JobTable
    title = gettext_lazy("Jobs")
    template_name = "shopops/jobs/list.html"
    order = ("-created_at", "-id")
    filters: ClassVar = [Choice("queue", gettext_lazy("Queue"), choices=[(name, QUEUE_NAMES[name]) for name in QUEUES])]
    tabs: ClassVar = [
        Tab("", gettext_lazy("All"), counted=False),
        Tab("open", gettext_lazy("Open"), lambda jobs: jobs.filter(state__in=("queued", "running"))),
        Tab("failed", gettext_lazy("Failed"), lambda jobs: jobs.filter(state="failed"), tone="bad"),
    ]

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.select_related("created_by")

    def summary(self, queryset: QuerySet[Job], state: State) -> list[dict[str, Any]]:
        waiting = Outbox.objects.filter(sent_at=None).count()
        return [{"label": gettext_lazy("Wake-up calls not sent"), "value": formats.number(waiting)}]

    def context(self) -> dict[str, Any]:
        now, seen = clock.now(), dict(Tick.objects.values_list("name", "at"))
        signs = []
        for name in ("beat", *QUEUES):
            at = seen.get(name)
            silent = at is None or now - at > SILENT
            signs.append({"name": name, "words": formats.age(at, now=now) if at else _("never"), "silent": silent})
        return {"signs": signs}
