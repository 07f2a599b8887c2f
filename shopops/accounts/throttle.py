"""How often a log-in may be tried, decided before any password is hashed.

- Five wrong passwords of one account from one address: 15 minutes (django-axes).
- Twenty tries of one address within a minute, whatever the accounts.
- Ten tries of one account from wherever: then a pause that doubles up to 15 minutes.
- A device its owner logged in with before has a pace of its own, so a stranger's tries lock nobody out.
"""

import secrets
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shopops.access import limits
from shopops.access.addresses import client_address
from shopops.access.personal import digest

if TYPE_CHECKING:
    from shopops.accounts.models import User

DEVICE_DAYS: Final = 180
PEOPLE_OF_A_DEVICE: Final = 8
_SALT: Final = "shopops.accounts.device"


def plain_name(text: str) -> str:
    """Return a typed user name as it is counted."""
    return text.strip().lower()[:64]


def wait_before_log_in(request: HttpRequest, name: str) -> int:
    """Count a try; return 0 where the password may be looked at, else the seconds to wait."""
    name = plain_name(name)
    if wait := limits.take("address", client_address(request), limit=20, seconds=60):
        return wait
    if device := _device(request, name):
        return limits.pace("device", f"{name}|{device}", free=5, first=60, most=900, forget=3600)
    return limits.pace("account", name, free=10, first=15, most=900, forget=3600)


def right(request: HttpRequest, user: "User") -> None:
    """Forget the tries before the right password."""
    name = plain_name(user.username)
    limits.clear("account", name)
    limits.clear("device", f"{name}|{_device(request, name)}")


def logged_in(request: HttpRequest, user: "User", response: HttpResponse) -> None:
    """Know the device from now on."""
    name = plain_name(user.username)
    known = _read(request)
    device = known.get("id") or secrets.token_urlsafe(18)
    marks = [mark for mark in known.get("of", ()) if mark != _mark(name)]
    value = signing.dumps({"id": device, "of": [*marks, _mark(name)][-PEOPLE_OF_A_DEVICE:]}, salt=_SALT)
    response.set_cookie(
        _cookie(),
        value,
        max_age=DEVICE_DAYS * 86400,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_device(request: HttpRequest, credentials: dict[str, str] | None = None) -> bool:
    """Say whether the account that is tried was used from this device before (asked by django-axes)."""
    from shopops.accounts.adapter import axes_username  # noqa: PLC0415 - it imports this module

    name = axes_username(request, credentials)
    return bool(name and _device(request, name))


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """Answer a try that comes too early: the same words whether the account exists or not."""
    minutes = max(1, -(-wait // 60))
    words = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    text = _("For your safety this waits for %(time)s. Your password still works afterwards.") % {"time": words}
    response = render(request, "errors/429.html", {"problem": text}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _cookie() -> str:
    return "__Host-device" if settings.SECURE else settings.SESSION_COOKIE_NAME.replace("session", "device")


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        found = signing.loads(request.COOKIES.get(_cookie(), ""), salt=_SALT, max_age=DEVICE_DAYS * 86400)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _device(request: HttpRequest, name: str) -> str:
    known = _read(request)
    return str(known.get("id", "")) if _mark(plain_name(name)) in known.get("of", ()) else ""


def _mark(name: str) -> str:
    return digest("device", name).hex()[:24]
