"""Files kept encrypted: AES-256-GCM in pieces of one MiB, each bound to its place and the file.

Layout: 8 bytes magic, 12 bytes file nonce, then pieces of (4 bytes length, 12 bytes nonce, cipher).
"""

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_MAGIC: Final = b"SOFILE01"
PIECE: Final = 1 << 20


class Boxed(NamedTuple):
    """A file as it was put away: where (below MEDIA_ROOT), the SHA-256 and the size of its plain bytes."""

    path: str
    sha256: bytes
    size: int


def put(stream: IO[bytes], folder: str) -> Boxed:
    """Store the bytes of ``stream`` encrypted under a random name in a folder of MEDIA_ROOT."""
    place = Path(settings.MEDIA_ROOT) / folder
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / secrets.token_hex(16)
    sha, size, box, file_id = hashlib.sha256(), 0, AESGCM(settings.FIELD_KEY), os.urandom(12)
    try:
        with private(path) as out:
            out.write(_MAGIC + file_id)
            for number, piece in enumerate(iter(lambda: stream.read(PIECE), b"")):
                sha.update(piece)
                size += len(piece)
                nonce = os.urandom(12)
                cipher = box.encrypt(nonce, piece, file_id + struct.pack(">Q", number))
                out.write(struct.pack(">I", len(cipher)) + nonce + cipher)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Boxed(str(path.relative_to(settings.MEDIA_ROOT)), sha.digest(), size)


def take(path: str) -> Iterator[bytes]:
    """Yield the plain bytes of a file put away. Raises FileNotFoundError once it was removed."""
    if not path:
        raise FileNotFoundError
    box = AESGCM(settings.FIELD_KEY)
    with (Path(settings.MEDIA_ROOT) / path).open("rb") as file:
        if file.read(8) != _MAGIC:
            raise ValueError(path)
        file_id, number = file.read(12), 0
        while head := file.read(16):
            cipher = file.read(struct.unpack(">I", head[:4])[0])
            yield box.decrypt(head[4:], cipher, file_id + struct.pack(">Q", number))
            number += 1


def remove(path: str) -> None:
    """Delete a file put away; one that is gone already is no fault."""
    if path:
        (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)


def private(path: Path) -> IO[bytes]:
    """Create a file only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
