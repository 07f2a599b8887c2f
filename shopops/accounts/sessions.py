"""How long a log-in lasts, where somebody is logged in, and its end.

A session carries its own limits (``since``, ``seen``, ``idle``), so that a request costs no query more.
Roles decide them at log-in; a change of roles ends the sessions, so none outlives its reason.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db.models import F, QuerySet

from shopops import clock
from shopops.accounts.models import Role, User
from shopops.history.actor import System, acting

if TYPE_CHECKING:
    from django.http import HttpRequest

TOUCH: Final = 60  # seconds between two notes of "last seen"
IDLE: Final = 8 * 3600  # seconds, of somebody without a role


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def begin(sender: object, request: "HttpRequest", user: User, **_kwargs: object) -> None:
    """Write the limits into a new session; whoever owes a second factor can do nothing but set it up."""
    now = seconds(clock.now())
    idle, owes = IDLE, False
    for minutes, factor in user.roles.values_list("idle_minutes", "second_factor"):
        idle = min(idle, minutes * 60)
        owes = owes or is_required(factor)
    request.session.update({"since": now, "seen": now, "idle": idle})
    if owes and not user.factor_count:
        request.session["enrol"] = True


def is_required(factor: str) -> bool:
    """Say whether a role's setting demands a second factor here: by default where the address is public."""
    return factor == Role.Factor.REQUIRED or (factor == Role.Factor.DEFAULT and settings.SECURE)


def over(request: "HttpRequest") -> str:
    """Say why the session is over ("idle", "absolute"), or "" while it is not; asks the database nothing."""
    session = request.session
    if "_auth_user_id" not in session:
        return ""
    now = seconds(clock.now())
    if now - session.get("since", 0) >= settings.SESSION_COOKIE_AGE:
        return "absolute"
    return "idle" if now - session.get("seen", 0) >= session.get("idle", IDLE) else ""


def touch(request: "HttpRequest") -> None:
    """Note that somebody is there, once a minute at most."""
    now = clock.now()
    if "_auth_user_id" in request.session and seconds(now) - request.session.get("seen", 0) >= TOUCH:
        request.session["seen"] = seconds(now)
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)


def of(user: User) -> QuerySet[UserSession]:
    """Return where ``user`` is logged in, newest use first; rows of sessions that are gone are left out."""
    alive = Session.objects.filter(expire_date__gt=clock.now()).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=alive).order_by("-last_seen_at", "-pk")


def end(user: User, pk: int) -> bool:
    """End one session of ``user``; say whether there was one."""
    keys = list(UserSession.objects.filter(user=user, pk=pk).values_list("session_key", flat=True))
    return _drop(keys) > 0


def end_all(user: User, *, by: "User | System") -> None:
    """End every session of ``user`` at once, those unknown to the page of sessions too."""
    with acting(by):
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        _drop(list(UserSession.objects.filter(user=user).values_list("session_key", flat=True)))


def end_others(request: "HttpRequest", user: User) -> int:
    """End every session of the person who asks but this one; return how many were known."""
    former = request.session.session_key
    known = UserSession.objects.filter(user=user)
    with acting(user):
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        count = _drop(list(known.exclude(session_key=former).values_list("session_key", flat=True)))
        user.refresh_from_db(fields=["session_epoch"])
        update_session_auth_hash(request, user)  # gives this session a new id
        known.filter(session_key=former).update(session_key=request.session.session_key)
    return count


def renew(request: "HttpRequest") -> None:
    """Give a session a new id; the former one opens nothing more."""
    former = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=former).update(session_key=request.session.session_key)


def end_everybody(*, by: User) -> int:
    """End every session of everybody but who asks, as after a leak; return how many log-ins that concerned."""
    with acting(by):
        count = User.objects.filter(is_active=True).exclude(pk=by.pk).update(session_epoch=F("session_epoch") + 1)
        others = UserSession.objects.exclude(user=by)
        _drop(list(others.values_list("session_key", flat=True)))
    return count


def drop_others(request: "HttpRequest", user: User) -> None:
    """Remove the sessions a new password has ended; that of ``request`` goes on under a new id and is noted anew."""
    here = request.session.session_key
    _drop(list(UserSession.objects.filter(user=user).exclude(session_key=here).values_list("session_key", flat=True)))
    UserSession.objects.filter(user=user).delete()


def _drop(keys: list[str]) -> int:
    Session.objects.filter(session_key__in=keys).delete()
    return UserSession.objects.filter(session_key__in=keys).delete()[0]


def logged_out(sender: object, request: "HttpRequest", **_kwargs: object) -> None:
    """Forget a session that is left by log-out."""
    if request is not None and (key := request.session.session_key):
        UserSession.objects.filter(session_key=key).delete()
