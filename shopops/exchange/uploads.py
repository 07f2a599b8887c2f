"""Uploaded files, kept encrypted: AES-256-GCM in pieces of one MiB, each bound to its place and the file.

Layout: 8 bytes magic, 12 bytes file nonce, then pieces of (4 bytes length, 12 bytes nonce, cipher).
"""

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from shopops import clock
from shopops.exchange.models import Upload

if TYPE_CHECKING:
    from shopops.accounts.models import User

_MAGIC: Final = b"SOFILE01"
_PIECE: Final = 1 << 20


def keep(stream: IO[bytes], *, name: str, by: "User | None") -> Upload:
    """Store the bytes of ``stream`` encrypted and return the upload (its SHA-256 is of the plain bytes)."""
    folder = Path(settings.MEDIA_ROOT) / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / secrets.token_hex(16)
    sha, size, box, file_id = hashlib.sha256(), 0, AESGCM(settings.FIELD_KEY), os.urandom(12)
    with _private(path) as out:
        out.write(_MAGIC + file_id)
        for number, piece in enumerate(iter(lambda: stream.read(_PIECE), b"")):
            sha.update(piece)
            size += len(piece)
            nonce = os.urandom(12)
            cipher = box.encrypt(nonce, piece, file_id + struct.pack(">Q", number))
            out.write(struct.pack(">I", len(cipher)) + nonce + cipher)
        out.flush()
        os.fsync(out.fileno())
    return Upload.objects.create(
        sha256=sha.digest(),
        name=_shown_name(name),
        size=size,
        path=str(path.relative_to(settings.MEDIA_ROOT)),
        created_by=by,
        created_at=clock.now(),
    )


def _private(path: Path) -> IO[bytes]:
    """Create a file only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _shown_name(name: str) -> str:
    """The file's own name without folders and invisible characters; only ever shown, never opened."""
    clean = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return (clean.strip() or "file")[-255:]


def pieces(upload: Upload) -> Iterator[bytes]:
    """Yield the plain bytes of an upload. Raises FileNotFoundError once it was removed."""
    if not upload.path:
        raise FileNotFoundError(upload.name)
    box = AESGCM(settings.FIELD_KEY)
    with (Path(settings.MEDIA_ROOT) / upload.path).open("rb") as file:
        if file.read(8) != _MAGIC:
            raise ValueError(upload.path)
        file_id, number = file.read(12), 0
        while head := file.read(16):
            cipher = file.read(struct.unpack(">I", head[:4])[0])
            yield box.decrypt(head[4:], cipher, file_id + struct.pack(">Q", number))
            number += 1


@contextmanager
def opened(upload: Upload) -> Iterator[Path]:
    """Give the path of a private plain copy for the time of the block."""
    folder = Path(settings.VAR_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"upload-{upload.pk}-{secrets.token_hex(8)}"
    try:
        with _private(path) as out:
            for piece in pieces(upload):
                out.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)
