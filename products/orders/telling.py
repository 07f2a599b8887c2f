"""Who is told of imports that ended and of orders past their time to ship: each once, whoever was killed when."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from products.channels.models import Channel
from products.orders.models import Order
from shopops.exchange.models import ImportBatch
from shopops.notifications.models import Fault
from shopops.notifications.services import first_time, notify

LATELY: Final = timedelta(days=1)  # what ended longer ago is not told any more
OVERDUE_LATELY: Final = timedelta(days=3)
AT_ONCE: Final = 2000
WHO_IMPORTS: Final = "warehouse_clerk"  # role told of files nobody brought by hand, and of late orders
State = ImportBatch.State
TOLD: Final = {State.DONE: "imports.done", State.REFUSED: "imports.refused", State.INTERRUPTED: "imports.broken"}


def tell_of_imports(*, now: datetime) -> None:
    """Tell who brought them of imports that were written, refused or broke off; several files of one import as one."""
    ended = (
        ImportBatch.objects.filter(kind="orders", state__in=list(TOLD), finished_at__gt=now - LATELY, dry_run=False)
        .select_related("upload", "created_by")
        .order_by("job", "state", "pk")
    )
    for (job, state), group in groupby(ended, key=lambda batch: (batch.job_id, batch.state)):
        files = list(group)
        _tell_of(files, state, f"import:{job or files[0].pk}:{state}")


def _tell_of(files: Sequence[ImportBatch], state: str, once: str) -> None:
    first = files[0]
    if first.created_by is None and state == State.DONE:
        return  # by command: its caller reads the result
    counts: Counter[str] = Counter()
    for batch in files:
        counts.update({name: int(batch.counts.get(name) or 0) for name in ("new", "changed", "refused")})
    values = {
        "file": first.upload.name + (" …" if len(files) > 1 else ""),
        "new": counts["new"],
        "changed": counts["changed"],
    }
    to = [first.created_by] if first.created_by else WHO_IMPORTS
    notify(to, TOLD[State(state)], record=first, text_values=values, once=once)


def tell_of_overdue(*, now: datetime) -> None:
    """Tell of orders whose time to ship has passed: each order once, a line a channel; served by ``order_to_ship``."""
    told = Fault.objects.filter(key=Concat(Value("overdue:"), Cast(OuterRef("pk"), CharField())))
    late = (
        Order.objects.to_ship()
        .filter(~Exists(told), due_at__lt=now, due_at__gt=now - OVERDUE_LATELY, channel__in=Channel.objects.counted())
        .order_by("due_at", "pk")
    )
    found = {f"overdue:{pk}": channel for pk, channel in late.values_list("pk", "channel_id")[:AT_ONCE]}
    if not found:
        return
    with transaction.atomic():
        counts = Counter(found[key] for key in first_time(found))
        for channel in Channel.objects.filter(pk__in=counts).order_by("pk"):
            values = {"channel": channel.title, "code": channel.code, "orders": counts[channel.pk]}
            notify(WHO_IMPORTS, "orders.overdue", record=channel, text_values=values)
