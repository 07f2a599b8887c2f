"""Whether two domains belong to one organisation, as DMARC's relaxed alignment asks (handbook 3 §5.2)."""

from typing import Final

# The public suffix list in one rule and one table. A country's two letters behind one of these words are a suffix
# (com.cn, co.uk), China's provinces too (bj.cn); every other suffix is the last label. Wrong only for suffixes a
# sender's own domain rarely ends in.
_SECOND: Final = frozenset(
    {"ac", "co", "com", "edu", "gob", "go", "gov", "ltd", "mil", "ne", "net", "or", "org", "plc"}
)
_PROVINCES: Final = (
    "ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn zj"
)


def organisation(domain: str) -> str:
    """Return the domain somebody registers: mail.qinghe.com.cn → qinghe.com.cn; in ASCII and lower case."""
    labels = _ascii(domain).split(".")
    return ".".join(labels[-_suffix_labels(labels) - 1 :])


def aligned(sender: str, signer: str) -> bool:
    """Say whether a DKIM or SPF domain speaks for the domain of the From line."""
    return bool(sender and signer) and organisation(sender) == organisation(signer)


def _suffix_labels(labels: list[str]) -> int:
    if len(labels) < 2 or len(labels[-1]) != 2:
        return 1
    is_second = labels[-2] in _SECOND or (labels[-1] == "cn" and labels[-2] in _PROVINCES.split())
    return 2 if is_second else 1


def _ascii(domain: str) -> str:
    plain = domain.strip().rstrip(".").lower()
    try:
        return plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        return plain
