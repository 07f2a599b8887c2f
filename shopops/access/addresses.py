"""Whose address a request comes from, behind proxies too."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of whoever sent a request; empty where the web server names none.

    X-Forwarded-For is read from its end, where each proxy adds whom it heard, only as far as our own
    proxies (setting TRUSTED_PROXIES) wrote it: what stands before that anybody may have invented.
    """
    nearest = str(request.META.get("REMOTE_ADDR", ""))
    for heard in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if not _is_ours(nearest) or (address := _address(heard)) is None:
            break
        nearest = str(address)
    return nearest


def _is_ours(text: str) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, also with a port behind it as some proxies write; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address
