"""Personal API tokens: 192 random bits, of which the database knows the hash."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.declare import declared, permissions
from shopops.accounts.facts import tell
from shopops.accounts.models import ApiToken, User
from shopops.errors import Refused
from shopops.history.actor import System, acting

if TYPE_CHECKING:
    from datetime import datetime

MARK: Final = "so_"  # so that a token lying about is known for what it is
LONGEST: Final = timedelta(days=365)
AT_ONCE: Final = 20  # valid tokens of one person


def create(user: User, *, name: str, scopes: Iterable[str], expires_at: "datetime") -> tuple[ApiToken, str]:
    """Make a token of ``user``; return it with its text, which nobody can ask for again.

    Raises Refused for permissions the person has not, and for an end that is past or over a year away.
    """
    wanted, now = sorted(set(scopes)), clock.now()
    if not name.strip():
        raise Refused(_("Give the token a name."))
    if not wanted or not user.has_perms(wanted):
        raise Refused(_("A token has some of your own permissions, no others."))
    if not now < expires_at <= now + LONGEST:
        raise Refused(_("A token ends within a year."))
    with acting(user):
        User.objects.select_for_update().get(pk=user.pk)  # counts hold
        if valid(user).count() >= AT_ONCE:
            raise Refused(_("You have %(count)s tokens. Revoke one first.") % {"count": AT_ONCE})
        secret = MARK + secrets.token_urlsafe(24)
        token = ApiToken.objects.create(
            user=user,
            name=name.strip()[:64],
            prefix=secret[:8],
            digest=_digest(secret),
            scopes=wanted,
            created_at=now,
            expires_at=expires_at,
        )
        tell(user, "token_made", by=user)
    return token, secret


def valid(user: User) -> QuerySet[ApiToken]:
    """Return the tokens of ``user`` that still work."""
    return ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=clock.now())


def revoke(user: User, *, by: "User | System", pk: int | None = None) -> int:
    """Revoke one token of ``user``, or all; return how many were valid."""
    found = valid(user).filter(Q() if pk is None else Q(pk=pk))
    with acting(by):
        return found.update(revoked_at=clock.now())


def find(secret: str) -> ApiToken | None:
    """Return the valid token this text is, its owner with permissions fetched; else None."""
    if not secret.startswith(MARK) or len(secret) > 64:
        return None
    token = ApiToken.objects.filter(digest=_digest(secret), revoked_at=None, expires_at__gt=clock.now()).first()
    if token is None:
        return None
    user = User.objects.with_permissions().filter(pk=token.user_id, is_active=True).first()
    if user is None:
        return None
    token.user = user
    return token


def narrowed(token: ApiToken) -> User:
    """Return the owner with those permissions only that both the roles and the token give."""
    user = token.user
    user.permission_codes = user.permission_codes & frozenset(token.scopes)
    return user


def note_use(token: ApiToken) -> None:
    """Write down the use, once a minute at most."""
    now = clock.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def offered(user: User) -> list[tuple[str, str]]:
    """Return what a token of ``user`` may be given: those of their permissions some view of the API asks for."""
    from shopops.access.checks import patterns  # noqa: PLC0415 - needs the URLs

    asked = {
        wanted.permission
        for _name, path, pattern in patterns()
        if path.startswith("api/") and (wanted := declared(pattern.callback)) is not None
    }
    return [(code, str(item.label)) for code, item in permissions().items() if code in asked and user.has_perm(code)]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
