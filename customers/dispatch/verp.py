"""Whose delivery a returned mail is about: a signed return path, so that nobody suppresses others by fake bounces."""

import hashlib
import hmac
import re
from typing import Final, NamedTuple

_REFERENCE: Final = re.compile(r"c(\d{1,18})-m(\d{1,18})(?:-([0-9a-f]{16}))?")
_RETURN_PATH: Final = re.compile(rf"<?bounce\+({_REFERENCE.pattern})@[^@<>\s]+>?", re.IGNORECASE)


class Reference(NamedTuple):
    """A campaign's mail to one member; ``token`` proves that we wrote it, empty where none was given."""

    campaign: int
    member: int
    token: str = ""


def return_path(campaign: int, member: int, *, domain: str, key: bytes) -> str:
    """Return the address a mail's failures come back to: bounce+c42-m7-TOKEN@domain."""
    return f"bounce+c{campaign}-m{member}-{token(campaign, member, key=key)}@{domain}"


def token(campaign: int, member: int, *, key: bytes) -> str:
    """Return 16 hexadecimal digits that only ``key`` makes for this delivery."""
    return hmac.new(key, f"verp:c{campaign}-m{member}".encode(), hashlib.sha256).hexdigest()[:16]


def is_ours(reference: Reference, *, key: bytes) -> bool:
    """Say whether a reference bears the token we gave it."""
    return hmac.compare_digest(reference.token, token(reference.campaign, reference.member, key=key))


def read_return_path(address: str) -> Reference | None:
    """Return what a return path names, its token unproved; None for another address."""
    match = _RETURN_PATH.fullmatch(address.strip())
    return read_reference(match[1]) if match else None


def read_reference(text: str) -> Reference | None:
    """Return what our header in a returned mail names (``c42-m7``, with or without the token)."""
    match = _REFERENCE.fullmatch(text.strip().lower())
    return Reference(int(match[1]), int(match[2]), match[3] or "") if match else None
