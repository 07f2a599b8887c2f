"""What imports leave behind, cleared each night: originals past their days, staging tables nobody waits for, refused rows.

What stays: the row of every upload (name, hash, who, when) and import, so that an order's "which file and
row" and the finding of the same file again work for ever; what undo needs stands in the history and the
replaced contacts, never in these. A file that may still be written is read again where its stage is gone.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from products.orders import staging
from shopops import clock
from shopops.exchange.models import ImportBatch, ImportReject, Upload
from shopops.jobs import services as jobs

if TYPE_CHECKING:
    from shopops.jobs.services import Claim

CLEAN: Final = "products.orders.cleaning.clean"  # the job's kind
STAGE_KEPT: Final = timedelta(days=7)  # of a file checked or refused that nobody decided about
LOOSE_KEPT: Final = timedelta(days=1)  # of files no row names, and of plain copies a killed worker left
State = ImportBatch.State
WORKING: Final = (State.CHECKING, State.IMPORTING)
UNDECIDED: Final = (State.WAITING, State.CHECKED, State.INTERRUPTED)


def ensure_cleaning(*, now: datetime) -> None:
    """Make sure today's cleaning has its job. Safe in any number of copies."""
    day = clock.store_day(now).isoformat()
    jobs.ensure(CLEAN, day, arguments={"day": day}, queue="default")


def clean(claim: "Claim", *, day: str) -> None:
    """Clear what is past its time (what the job does); each step may be repeated."""
    now = clock.now()
    for step in (drop_stages, remove_originals, remove_rejects, remove_loose_files):
        claim.renew(phase=step.__name__)
        step(now)


def drop_stages(now: datetime) -> int:
    """Drop staging tables of ended imports, and of undecided ones after STAGE_KEPT; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('stage') AND relkind = 'r'")
        found = {int(m[1]) for (name,) in cursor.fetchall() if (m := re.fullmatch(r"orders_(\d+)", name))}
    kept = set(
        ImportBatch.objects.filter(pk__in=found, state__in=WORKING)
        .union(
            ImportBatch.objects.filter(
                pk__in=found, state__in=(*UNDECIDED, State.REFUSED), created_at__gte=now - STAGE_KEPT
            )
        )
        .values_list("pk", flat=True)
    )
    for pk in sorted(found - kept):
        staging.drop(pk)
    return len(found - kept)


def _past_its_days(now: datetime) -> QuerySet[Upload]:
    """Uploads kept longer than the setting's days that no younger import used and none works on."""
    limit = now - timedelta(days=settings.UPLOAD_KEEP_DAYS)
    of = ImportBatch.objects.filter(upload=OuterRef("pk"))
    return Upload.objects.filter(
        ~Exists(of.filter(created_at__gte=limit)), ~Exists(of.filter(state__in=WORKING)), created_at__lt=limit
    )


def remove_originals(now: datetime) -> int:
    """Delete uploaded files after UPLOAD_KEEP_DAYS; return how many. Imports still undecided are cancelled."""
    old = list(_past_its_days(now).exclude(path="").order_by("pk"))
    for upload in old:
        ImportBatch.objects.filter(upload=upload, state__in=UNDECIDED, merged_at=None).update(
            state=State.CANCELLED, finished_at=now
        )
        (Path(settings.MEDIA_ROOT) / upload.path).unlink(missing_ok=True)
        Upload.objects.filter(pk=upload.pk).update(path="")
    return len(old)


def remove_rejects(now: datetime) -> int:
    """Delete the refused rows of files whose original is past its days too; the counts stay with the import."""
    return ImportReject.objects.filter(batch__upload__in=_past_its_days(now)).delete()[0]


def remove_loose_files(now: datetime) -> int:
    """Delete kept files no upload names and plain copies left by a killed worker; return how many."""
    kept, before, removed = Path(settings.MEDIA_ROOT) / "uploads", (now - LOOSE_KEPT).timestamp(), 0
    named = set(Upload.objects.exclude(path="").values_list("path", flat=True))
    loose = [path for path in kept.glob("*") if str(path.relative_to(settings.MEDIA_ROOT)) not in named]
    loose += (Path(settings.VAR_DIR) / "tmp").glob("upload-*")
    for path in loose:
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
