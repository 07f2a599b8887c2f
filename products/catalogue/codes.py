"""Codes of goods: one normal form per SKU code, barcodes with their check digit (handbook 4 §1)."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_PLAIN: Final = re.compile(r"[0-9A-Z._/+\-]+")  # already in normal form: most codes of most files
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # controls, zero-width, blanks
# Fillers and variation selectors are letters and marks by category, yet nobody sees them.
_UNSEEN: Final = frozenset(
    [chr(code) for code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)]
    + [chr(code) for code in range(0xFE00, 0xFE10)]
)


class EmptyCode(ValueError):
    """Nothing visible is left of a code."""


@lru_cache(maxsize=65_536)
def sku_code(text: str) -> str:
    """Return a code's normal form: NFKC, without blanks and invisible characters, in upper case.

    Raises EmptyCode when nothing is left.
    """
    if _PLAIN.fullmatch(text):
        return text
    upper = unicodedata.normalize("NFKC", text).upper()
    code = unicodedata.normalize("NFKC", "".join(char for char in upper if not _is_invisible(char)))
    if not code:
        raise EmptyCode(f"{text!r} holds no visible character.")
    return code


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in _INVISIBLE or char in _UNSEEN


def ean13(digits: str) -> str:
    """Return the barcode of 12 digits: they and their check digit (weights 1, 3 from the left)."""
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise ValueError("An EAN-13 is made of 12 digits.")
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def is_ean13(barcode: str) -> bool:
    """Say whether 13 digits end in the right check digit."""
    return bool(re.fullmatch(r"[0-9]{13}", barcode)) and ean13(barcode[:12]) == barcode


def is_own_range(barcode: str) -> bool:
    """Say whether a barcode is of the store's own making (20–29), not a manufacturer's."""
    return "20" <= barcode[:2] <= "29"
