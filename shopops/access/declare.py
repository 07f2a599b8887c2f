"""Who may call a view: declared on the view, read by the middleware, the start-up check and the docs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from shopops.accounts.models import User

PUBLIC: Final = "public"  # anybody, also without a log-in
STAFF: Final = "staff"  # anybody who is logged in
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Permission:
    """One thing people do; ``roles`` are those that have it when the store is set up."""

    code: str
    label: Words
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Access:
    """What a view asks for: one permission (or PUBLIC, STAFF) and its methods."""

    permission: str
    methods: tuple[str, ...]
    largest: Callable[[], int] | None = None  # bytes of a request, where fewer than REQUEST_MAX_BYTES


View = Callable[..., HttpResponseBase]


def access(
    permission: str, methods: Iterable[str] = ("GET", "POST"), *, largest: Callable[[], int] | None = None
) -> Callable[[View], View]:
    """Declare what a function view asks for; other methods are answered 405, larger requests 413 before they are read."""
    allowed = tuple(methods)

    def declare(view: View) -> View:
        guarded = require_http_methods([*allowed, *(["HEAD"] if "GET" in allowed else [])])(view)
        guarded.access = Access(permission, allowed, largest)  # type: ignore[attr-defined]  # our own attribute
        return guarded

    return declare


def declared(view: View) -> Access | None:
    """Return what ``view`` declares; None when it declares nothing (and is refused)."""
    found: Access | None = getattr(view, "access", None)
    if found is not None:
        return found
    for attribute in ("view_class", "cls"):  # Django's class views; DRF's
        if (cls := getattr(view, attribute, None)) is not None and (code := getattr(cls, "permission", None)):
            names = getattr(view, "actions", None) or {m: m for m in cls.http_method_names if hasattr(cls, m)}
            return Access(code, tuple(sorted(name.upper() for name in names if name != "options")))
    return None


def permissions() -> dict[str, Permission]:
    """Return every permission the topics declare, by code, lowest floor first."""
    return {item.code: item for item in registered("permissions", "PERMISSIONS") if isinstance(item, Permission)}


def may(user: object, permission: str) -> bool:
    """Say whether ``user`` (possibly anonymous) passes ``permission``."""
    if permission == PUBLIC:
        return True
    if not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", False):
        return False
    return permission == STAFF or user.has_perm(permission)  # type: ignore[attr-defined]  # may be nobody, who has none


class StaffRequest(HttpRequest):
    """A request of somebody logged in (for annotations)."""

    user: "User"
