"""How far somebody's roles reach: their team, whose rows and which channels each role shows (``shopops.access.scopes``)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from shopops.access.scopes import Scope
from shopops.accounts.models import Department, User, UserRole
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.topics import registered
from shopops.words import listed

if TYPE_CHECKING:
    from shopops.history.actor import System

_NARROWER = tuple(Scope)  # the widest first


@dataclass(frozen=True)
class Reach:
    """Whose rows, and the ids of the channels (None: all)."""

    scope: Scope = Scope.ALL
    channels: frozenset[int] | None = None

    def shared(self, other: "Reach") -> "Reach":
        """Return what both reach: the narrower scope, the channels in both."""
        scope = max(self.scope, other.scope, key=_NARROWER.index)
        if self.channels is None or other.channels is None:
            return Reach(scope, other.channels if self.channels is None else self.channels)
        return Reach(scope, self.channels & other.channels)

    def words(self) -> str:
        """Return it in words: “The own team's · Tmall”."""
        titles = {} if self.channels is None else dict(channel_choices())
        named = listed(titles[pk] for pk in sorted(self.channels or ()) if pk in titles)
        channels = _("all channels") if self.channels is None else named or _("no channel")
        return f"{self.scope.label} · {channels}"


def channel_choices() -> list[tuple[int, str]]:
    """Return what a role can be limited to, as topics register it in ``reach.py``."""
    return [choice for choices in registered("reach", "CHANNELS") for choice in choices()]  # type: ignore[operator]  # registries hold objects


def reach_of(item: UserRole) -> Reach:
    """Return how far a role somebody has reaches."""
    return Reach(Scope(item.scope), None if item.channels is None else frozenset(item.channels))


def words_of(user: User) -> list[tuple[str, str]]:
    """Return each role of a person with how far it reaches, in words."""
    held = user.userrole_set.select_related("role").order_by("role__position", "pk")
    return [(str(item.role), reach_of(item).words()) for item in held]


def stamp(user: User, held: Iterable[UserRole]) -> str:
    """Return what a form on a person's reach was read at: it changes with what the form would change."""
    told = [user.team, *(f"{item.pk} {item.scope} {item.channels}" for item in sorted(held, key=lambda item: item.pk))]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def set_reach(
    user_id: int, *, team: str, reaches: Mapping[int, Reach], seen: str | None = None, by: "User | System"
) -> User:
    """Set a person's team and the reach of their roles (``UserRole`` id → reach), at once.

    People do it through ``reach_changes``, which asks for what is wider. ``seen``: the :func:`stamp` of what
    the caller read; where it is no longer so, nothing is overwritten. Raises Refused, also for what is not theirs.
    """
    known = {pk for pk, _title in channel_choices()}
    with acting(by):
        user = User.objects.select_for_update(of=["self"]).get(pk=user_id)
        held = {item.pk: item for item in UserRole.objects.select_for_update().filter(user=user).order_by("pk")}
        meanwhile = seen is not None and seen != stamp(user, held.values())
        if (
            meanwhile
            or set(reaches) - set(held)
            or any(reach.channels and reach.channels - known for reach in reaches.values())
        ):
            raise Refused(_("The roles of this person or the channels have changed meanwhile. Look again."))
        if user.team != team:
            user.team = team
            user.save(update_fields=["team", "updated_at"])
        for pk, reach in reaches.items():
            item, channels = held[pk], None if reach.channels is None else sorted(reach.channels)
            if (item.scope, item.channels) != (reach.scope, channels):
                item.scope, item.channels = reach.scope, channels
                item.save(update_fields=["scope", "channels"])
    return user


def set_department(user_id: int, department: Department | None, *, by: "User | System") -> None:
    """Move a person into a department, at once; people do it through ``person_changes``."""
    with acting(by):
        user = User.objects.select_for_update(of=["self"]).get(pk=user_id)
        if user.department != department:
            user.department = department
            user.save(update_fields=["department", "updated_at"])
