"""Personal fields: cipher, keyed hash, tail and mask; plain text never reaches the database.

Cipher: AES-256-GCM under ``FIELD_KEY``, 12 random bytes before it, one version byte first.
Hash: HMAC-SHA-256 under ``HASH_KEY`` of the normal form (E.164 phone, lower-case e-mail): what
comparing and merging use.
"""

import hashlib
import hmac
import os
import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = b"\x01"
_MASKED = re.compile(r"[*＊•]|X{3,}|x{3,}")


class Protected(NamedTuple):
    """What may be stored of a personal value; ``cipher`` and ``digest`` are None when it came masked."""

    cipher: bytes | None
    digest: bytes | None
    tail: str
    mask: str


NOTHING = Protected(None, None, "", "")


@lru_cache(maxsize=1)
def _box() -> AESGCM:
    return AESGCM(settings.FIELD_KEY)


def seal(text: str) -> bytes:
    """Encrypt ``text``."""
    nonce = os.urandom(12)
    return _VERSION + nonce + _box().encrypt(nonce, text.encode(), None)


def reveal(cipher: bytes | memoryview | None) -> str:
    """Decrypt what :func:`seal` made; empty for None."""
    if cipher is None:
        return ""
    raw = bytes(cipher)
    return _box().decrypt(raw[1:13], raw[13:], None).decode()


def digest(kind: str, normal: str) -> bytes:
    """Return the keyed hash (32 bytes) of a value's normal form."""
    return hmac.new(settings.HASH_KEY, f"{kind}:{normal}".encode(), hashlib.sha256).digest()


@lru_cache(maxsize=200_000)
def protect_phone(text: str, region: str = "CN") -> Protected:
    """Protect a phone number; masked ones keep only mask and last four digits."""
    clean = text.strip().lstrip("'")
    if not clean:
        return NOTHING
    if _MASKED.search(clean):
        tail = clean[-4:]
        return Protected(None, None, tail if tail.isdigit() else "", clean[:32])
    try:
        number = phonenumbers.parse(clean, region)
        normal = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        shown = str(number.national_number)
    except phonenumbers.NumberParseException:
        normal = shown = re.sub(r"\D", "", clean)
    if len(shown) < 4:
        return NOTHING
    return Protected(seal(normal), digest("phone", normal), shown[-4:], mask_phone(shown))


def mask_phone(national: str) -> str:
    """138****6027: three first and four last digits; short numbers show the last four only."""
    return f"{national[:3]}****{national[-4:]}" if len(national) >= 9 else f"****{national[-4:]}"


@lru_cache(maxsize=200_000)
def protect_email(text: str) -> Protected:
    """Protect an e-mail address; the mask keeps the first letter and the domain."""
    clean = text.strip().lower()
    if "@" not in clean:
        return NOTHING
    local, _, domain = clean.rpartition("@")
    if _MASKED.search(clean):
        return Protected(None, None, "", clean[:64])
    return Protected(seal(clean), digest("email", clean), "", f"{local[:1]}***@{domain}"[:64])


def protect_text(text: str) -> bytes | None:
    """Encrypt an address or other text; None when empty or masked throughout."""
    clean = text.strip()
    return seal(clean) if clean and clean.strip("*＊ ") else None


def mask_name(name: str) -> str:
    """林*, 欧阳**: the family name's first character (or first two letters) and stars."""
    clean = name.strip()
    if not clean or _MASKED.search(clean):
        return clean
    if clean.isascii():
        return f"{clean[0]}***"
    return clean[0] + "*" * min(2, max(1, len(clean) - 1))
