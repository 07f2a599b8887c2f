"""Files kept encrypted: AES-256-GCM in pieces of one MiB, each bound to its place and the file.

Layout: 8 bytes magic, 4 bytes that name the key, 12 bytes file nonce, then pieces of (4 bytes length, 12 bytes
nonce, cipher). Files of the first version ("SOFILE01") do not name their key: whichever opens them is taken.
"""

import hashlib
import os
import secrets
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from shopops.access.personal import key_name

_MAGIC: Final = b"SOFILE02"
_FIRST: Final = b"SOFILE01"
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
    try:
        sha, size = _write(path, iter(lambda: stream.read(PIECE), b""))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Boxed(str(path.relative_to(settings.MEDIA_ROOT)), sha, size)


def _write(path: Path, pieces: Iterable[bytes]) -> tuple[bytes, int]:
    sha, size, box, file_id = hashlib.sha256(), 0, AESGCM(settings.FIELD_KEY), os.urandom(12)
    with private(path) as out:
        out.write(_MAGIC + key_name(settings.FIELD_KEY) + file_id)
        for number, piece in enumerate(pieces):
            sha.update(piece)
            size += len(piece)
            nonce = os.urandom(12)
            cipher = box.encrypt(nonce, piece, file_id + struct.pack(">Q", number))
            out.write(struct.pack(">I", len(cipher)) + nonce + cipher)
        out.flush()
        os.fsync(out.fileno())
    return sha.digest(), size


def take(path: str) -> Iterator[bytes]:
    """Yield the plain bytes of a file put away. Raises FileNotFoundError once it was removed."""
    if not path:
        raise FileNotFoundError
    with (Path(settings.MEDIA_ROOT) / path).open("rb") as file:
        keys, file_id = _keys(file), file.read(12)
        number = 0
        while head := file.read(16):
            cipher = file.read(struct.unpack(">I", head[:4])[0])
            place = file_id + struct.pack(">Q", number)
            if len(keys) > 1:  # of the first version
                keys = [key for key in keys if _opens(key, head[4:], cipher, place)]
            if not keys:
                raise InvalidTag
            yield AESGCM(keys[0]).decrypt(head[4:], cipher, place)
            number += 1


def _keys(file: IO[bytes]) -> list[bytes]:
    """Return the keys a file may be of, reading its head up to the file's nonce. Raises ValueError for no such file."""
    magic, known = file.read(8), [settings.FIELD_KEY, *settings.FIELD_KEYS_OLD]
    if magic == _FIRST:
        return known
    if magic != _MAGIC:
        raise ValueError(file.name)
    name = file.read(4)
    return [key for key in known if key_name(key) == name]


def _opens(key: bytes, nonce: bytes, cipher: bytes, place: bytes) -> bool:
    try:
        AESGCM(key).decrypt(nonce, cipher, place)
    except InvalidTag:
        return False
    return True


def is_current(path: str) -> bool:
    """Say whether a file is of the present version and key; one that is gone needs nothing any more."""
    try:
        with (Path(settings.MEDIA_ROOT) / path).open("rb") as file:
            return file.read(12) == _MAGIC + key_name(settings.FIELD_KEY)
    except FileNotFoundError:
        return True


def renew(path: str) -> None:
    """Make a file anew under the present key, in its place; broken off, the former one is still there."""
    place = Path(settings.MEDIA_ROOT) / path
    fresh = place.with_name(f"{place.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        _write(fresh, take(path))
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


def remove(path: str) -> None:
    """Delete a file put away; one that is gone already is no fault."""
    if path:
        (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)


def private(path: Path) -> IO[bytes]:
    """Create a file only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
