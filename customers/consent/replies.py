"""Which reply to a text message means "no more" (handbook 3 §5.1)."""

from typing import Final

OPT_OUTS: Final = frozenset({"R", "T", "TD", "N", "退订", "拒收"})
_HALF_WIDTH: Final = {0x3000: " "} | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def opt_out_reply(text: str) -> bool:
    """Say whether a reply withdraws consent: one of the words alone, in any width and case, blanks around it."""
    return text.translate(_HALF_WIDTH).strip().upper() in OPT_OUTS
