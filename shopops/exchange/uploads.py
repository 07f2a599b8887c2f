"""Uploaded files, kept encrypted for a while (shopops/exchange/boxes.py)."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from shopops import clock
from shopops.exchange import boxes
from shopops.exchange.models import Upload

if TYPE_CHECKING:
    from shopops.accounts.models import User


def keep(stream: IO[bytes], *, name: str, by: "User | None") -> Upload:
    """Store the bytes of ``stream`` encrypted and return the upload (its SHA-256 is of the plain bytes)."""
    boxed = boxes.put(stream, "uploads")
    return Upload.objects.create(
        sha256=boxed.sha256,
        name=shown_name(name),
        size=boxed.size,
        path=boxed.path,
        created_by=by,
        created_at=clock.now(),
    )


def shown_name(name: str) -> str:
    """The file's own name without folders and invisible characters; only ever shown, never opened."""
    clean = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return (clean.strip() or "file")[-255:]


def remove(upload_ids: Iterable[int]) -> int:
    """Remove kept files for good once the transaction commits; their rows stay. Return how many there were.

    What a killed process leaves, the nightly cleaning takes: no row names it any more.
    """
    kept = list(Upload.objects.filter(pk__in=list(upload_ids)).exclude(path="").values_list("pk", "path"))
    Upload.objects.filter(pk__in=[pk for pk, _path in kept]).update(path="")
    for _pk, path in kept:
        transaction.on_commit(partial(boxes.remove, path))
    return len(kept)


def pieces(upload: Upload) -> Iterator[bytes]:
    """Yield the plain bytes of an upload. Raises FileNotFoundError once it was removed."""
    return boxes.take(upload.path)


@contextmanager
def opened(upload: Upload) -> Iterator[Path]:
    """Give the path of a private plain copy for the time of the block."""
    folder = Path(settings.VAR_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"upload-{upload.pk}-{secrets.token_hex(8)}"
    try:
        with boxes.private(path) as out:
            for piece in pieces(upload):
                out.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)
