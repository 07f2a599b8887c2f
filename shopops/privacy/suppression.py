"""Who must not come back by a file: keyed hashes, compared where files are read. Nothing is asked while there are none."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from shopops.access.personal import digest
from shopops.privacy.models import Erasure, Suppression
from shopops.privacy.registry import Mark

Kind = Suppression.Kind
_GAP: Final = "\x1f"  # between the parts of what is hashed


def order_mark(channel_code: str, number: str) -> Mark:
    """Return the mark of an order."""
    return Mark(Kind.ORDER, digest("suppress-order", f"{channel_code}{_GAP}{number}"))


def identity_mark(scope: str, key: str) -> Mark:
    """Return the mark of a buyer as a platform or shop knows them."""
    return Mark(Kind.IDENTITY, digest("suppress-identity", f"{scope}{_GAP}{key}"))


def suppress(marks: Iterable[Mark], *, at: datetime, erasure: Erasure | None = None) -> int:
    """Note marks, in the caller's transaction; one known already counts from now on up to ``at``."""
    wanted = sorted({(str(mark.kind), bytes(mark.digest)) for mark in marks})
    Suppression.objects.bulk_create(
        [Suppression(kind=kind, digest=value, at=at, erasure=erasure) for kind, value in wanted],
        update_conflicts=True,
        unique_fields=["kind", "digest"],
        update_fields=["at"],
    )
    return len(wanted)


def is_empty() -> bool:
    """Say whether nobody is suppressed: then files are taken in as they are. One look at the table."""
    return not Suppression.objects.exclude(kind=Kind.MARKETING).exists()


def known() -> dict[str, dict[bytes, datetime]]:
    """Return kind → {keyed hash: up to when}."""
    found: dict[str, dict[bytes, datetime]] = {str(kind): {} for kind in Kind}
    for kind, value, at in Suppression.objects.exclude(kind=Kind.MARKETING).values_list("kind", "digest", "at"):
        found[kind][bytes(value)] = at
    return found
