"""Personal fields: cipher, keyed hash, tail and mask; plain text never reaches the database.

Cipher: AES-256-GCM. Version 2: the version byte, four bytes that name the key, 12 random bytes, the cipher
bound to what stands before them. Version 1 (no key's name) is read with whichever key fits. New ciphers are
made under ``FIELD_KEY``; what was made under a key of ``FIELD_KEYS_OLD`` stays readable until
``manage.py rotate_keys`` has made it anew.
Hash: HMAC-SHA-256 under ``HASH_KEY`` of the normal form (E.164 phone, lower-case e-mail): what
comparing and merging use.
"""

import hashlib
import hmac
import os
import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_MASKED = re.compile(r"[*＊•]|X{3,}|x{3,}")
# Digits that mean themselves: no code of a country or carrier before them.
_PLAIN_NUMBER = re.compile(r"(?:1(?!79)[3-9]|[2-79]|8(?!6))[0-9]{6,15}", re.ASCII)


class Protected(NamedTuple):
    """What may be stored of a personal value; ``cipher`` and ``digest`` are None when it came masked."""

    cipher: bytes | None
    digest: bytes | None
    tail: str
    mask: str


NOTHING = Protected(None, None, "", "")


def key_name(key: bytes) -> bytes:
    """Return the four bytes by which a cipher names its key."""
    return hashlib.sha256(b"shopops field key" + key).digest()[:4]


@lru_cache(maxsize=16)
def _box(key: bytes) -> tuple[bytes, AESGCM]:
    return b"\x02" + key_name(key), AESGCM(key)


def seal(text: str) -> bytes:
    """Encrypt ``text``."""
    head, box = _box(settings.FIELD_KEY)
    nonce = os.urandom(12)
    return head + nonce + box.encrypt(nonce, text.encode(), head)


def reveal(cipher: bytes | memoryview | None) -> str:
    """Decrypt what :func:`seal` made; empty for None. Raises InvalidTag where it is damaged or its key is gone."""
    if cipher is None:
        return ""
    raw = bytes(cipher)
    for key in (settings.FIELD_KEY, *settings.FIELD_KEYS_OLD):
        head, box = _box(key)
        if raw.startswith(head):
            return box.decrypt(raw[5:17], raw[17:], head).decode()
    if raw[:1] != b"\x01":
        raise InvalidTag
    for key in (settings.FIELD_KEY, *settings.FIELD_KEYS_OLD):
        with suppress(InvalidTag):
            return _box(key)[1].decrypt(raw[1:13], raw[13:], None).decode()
    raise InvalidTag


def current_head() -> bytes:
    """Return the five bytes every cipher of the present version and key begins with."""
    return _box(settings.FIELD_KEY)[0]


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


def mask_number(text: str) -> str:
    """Return the mask that :func:`protect_phone` gives, without encrypting: files mask a value in each row."""
    clean = text.strip().lstrip("'")
    if _PLAIN_NUMBER.fullmatch(clean):
        return mask_phone(clean)
    if _MASKED.search(clean):
        return clean[:32]
    try:
        shown = str(phonenumbers.parse(clean, "CN").national_number)
    except phonenumbers.NumberParseException:
        shown = re.sub(r"\D", "", clean)
    return mask_phone(shown) if len(shown) >= 4 else ""


def mask_phone(national: str) -> str:
    """138****6027: three first and four last digits; short numbers show the last four only."""
    return f"{national[:3]}****{national[-4:]}" if len(national) >= 9 else f"****{national[-4:]}"


@lru_cache(maxsize=200_000)
def protect_email(text: str) -> Protected:
    """Protect an e-mail address; the mask keeps the first letter and the domain."""
    clean = text.strip().lower()
    if "@" not in clean:
        return NOTHING
    if _MASKED.search(clean):
        return Protected(None, None, "", mask_email(clean))
    return Protected(seal(clean), digest("email", clean), "", mask_email(clean))


def mask_email(text: str) -> str:
    """l***@example.cn; what came masked stays as it came."""
    clean = text.strip().lower()
    local, _, domain = clean.rpartition("@")
    return clean[:64] if _MASKED.search(clean) else f"{local[:1]}***@{domain}"[:64]


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
