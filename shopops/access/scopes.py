"""How far a permission reaches for somebody: whose rows, and the rows of which channels.

Both are set where a person has a role (``UserRole``). A row is seen when any of the person's roles that
give the permission reaches it. Who has no limit costs nothing: no query more, the plan as before.

Tables with an owner narrow by :func:`owned`, tables with a channel by :func:`in_channels`; both belong
into ``visible_to(user)``, so that a row beyond the reach is answered 404.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from shopops.accounts.models import User

Rows = TypeVar("Rows", bound=QuerySet[Any])


class Scope(TextChoices):
    """Whose rows a role shows, the widest first."""

    ALL = "all", _("Everybody's")
    DEPARTMENT = "department", _("The own department's")
    TEAM = "team", _("The own team's")
    OWN = "own", _("One's own only")


_WIDEST_FIRST: Final = tuple(Scope)


class Grant(NamedTuple):
    """What one role gives one person: permissions, and how far they reach. ``channels`` None: all."""

    role: str
    permissions: frozenset[str]
    scope: Scope = Scope.ALL
    channels: frozenset[int] | None = None


def scope_of(user: "User", permission: str) -> Scope:
    """Return the widest scope in which this person has ``permission``; OWN where no role gives it."""
    scopes = {grant.scope for grant in user.grants if permission in grant.permissions}
    return next((scope for scope in _WIDEST_FIRST if scope in scopes), Scope.OWN)


def channels_of(user: "User", permission: str) -> frozenset[int] | None:
    """Return the ids of the channels in which this person has ``permission``; None: all."""
    found: set[int] = set()
    for grant in user.grants:
        if permission in grant.permissions:
            if grant.channels is None:
                return None
            found |= grant.channels
    return frozenset(found)


def is_limited(user: "User", permission: str) -> bool:
    """Say whether ``permission`` reaches some channels only: then sums of the whole store are not shown."""
    return channels_of(user, permission) is not None


def is_limited_anywhere(user: "User") -> bool:
    """Say whether any role of this person reaches some channels only."""
    return any(grant.channels is not None for grant in user.grants)


def in_channels(rows: Rows, user: "User", permission: str, *, channel: str = "channel") -> Rows:
    """Return the rows of the channels this person sees; none without the permission. ``channel``: the path to the key."""
    if not user.has_perm(permission):
        return rows.none()
    return of_channels(rows, channels_of(user, permission), channel=channel)


def of_channels(rows: Rows, ids: Collection[int] | None, *, channel: str = "channel") -> Rows:
    """Return the rows of these channels (None: all), as :func:`channels_of` gives them."""
    return rows if ids is None else rows.filter(**{f"{channel}__in": sorted(ids)})


def owned(rows: Rows, user: "User", permission: str, *, owner: str = "") -> Rows:
    """Return the rows of those people ``permission`` reaches; without it, one's own.

    ``owner``: the path to the person, "" where the rows are people.
    """
    scope = scope_of(user, permission)
    if scope == Scope.ALL:
        return rows
    path = f"{owner}__" if owner else ""
    mine = Q(**{owner or "pk": user.pk})
    if scope != Scope.OWN and user.department_id is not None:
        same = {f"{path}department": user.department_id}
        if scope == Scope.DEPARTMENT:
            mine |= Q(**same)
        elif user.team:
            mine |= Q(**same, **{f"{path}team": user.team})
    return rows.filter(mine)
