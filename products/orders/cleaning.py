"""What imports leave behind, cleared each night (products/orders/retention.py says after how many days).

What stays: the row of every upload (name, hash, who, when) and import, so that an order's "which file and
row" and the finding of the same file again work for ever; what undo needs stands in the history and the
replaced contacts, never in these. A file that may still be written is read again where its stage is gone.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from products.orders import staging
from products.orders.models import OrderContact, ReplacedContact
from shopops import clock
from shopops.exchange import uploads
from shopops.exchange.models import ImportBatch, ImportReject, Upload
from shopops.history.actor import SYSTEM, acting

CONTACTS_AT_ONCE: Final = 20_000  # rows of one transaction
State = ImportBatch.State
WORKING: Final = (State.CHECKING, State.IMPORTING)
UNDECIDED: Final = (State.WAITING, State.CHECKED, State.INTERRUPTED)


def drop_stages(before: datetime) -> int:
    """Drop staging tables of ended imports, and of undecided ones begun earlier; return how many."""
    found = set(staging.tables())
    kept = set(
        ImportBatch.objects.filter(pk__in=found, state__in=WORKING)
        .union(ImportBatch.objects.filter(pk__in=found, state__in=(*UNDECIDED, State.REFUSED), created_at__gte=before))
        .values_list("pk", flat=True)
    )
    for pk in sorted(found - kept):
        staging.drop(pk)
    return len(found - kept)


def _past_its_days(before: datetime) -> QuerySet[Upload]:
    """Older uploads that no younger import used and none works on."""
    of = ImportBatch.objects.filter(upload=OuterRef("pk"))
    return Upload.objects.filter(
        ~Exists(of.filter(created_at__gte=before)), ~Exists(of.filter(state__in=WORKING)), created_at__lt=before
    )


def _of_erased() -> QuerySet[Upload]:
    """Uploads that name somebody who was erased, and of which no import is undecided."""
    of = ImportBatch.objects.filter(upload=OuterRef("pk"))
    return Upload.objects.filter(
        Exists(of.filter(counts__suppressed__gt=0)), ~Exists(of.filter(state__in=(*WORKING, *UNDECIDED)))
    )


def remove_originals(before: datetime) -> int:
    """Delete older uploaded files; return how many. Imports still undecided are cancelled."""
    old = list((_past_its_days(before) | _of_erased()).exclude(path="").values_list("pk", flat=True))
    ImportBatch.objects.filter(upload__in=old, state__in=UNDECIDED, merged_at=None).update(
        state=State.CANCELLED, finished_at=clock.now()
    )
    return uploads.remove(old)


def remove_rejects(before: datetime) -> int:
    """Delete the refused rows of older files; the counts stay with the import."""
    return ImportReject.objects.filter(batch__upload__in=_past_its_days(before)).delete()[0]


def remove_loose_files(before: datetime) -> int:
    """Delete kept files no upload names and plain copies left by a killed worker; return how many."""
    kept, removed = Path(settings.MEDIA_ROOT) / "uploads", 0
    named = set(Upload.objects.exclude(path="").values_list("path", flat=True))
    loose = [path for path in kept.glob("*") if str(path.relative_to(settings.MEDIA_ROOT)) not in named]
    loose += (Path(settings.VAR_DIR) / "tmp").glob("upload-*")
    for path in loose:
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def remove_contacts(before: datetime) -> int:
    """Delete who received older orders, with what imports replaced of it; return how many. The orders stay."""
    removed = 0
    old = OrderContact.objects.filter(order__created_at__lt=before).order_by("pk").values_list("pk", flat=True)
    while ids := list(old[:CONTACTS_AT_ONCE]):
        with acting(SYSTEM, source="retention:contacts"):
            ReplacedContact.objects.filter(order_id__in=ids).delete()
            removed += OrderContact.objects.filter(pk__in=ids).delete()[0]
    return removed
