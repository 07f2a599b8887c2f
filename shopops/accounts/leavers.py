"""Somebody leaves: one action ends their access and gives what is open to somebody else.

Topics say what can be open in ``leaving.py``: ``ITEMS = [OpenItem(label, count, hand_over)]``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from shopops.accounts import second_factor, tokens
from shopops.accounts.facts import tell
from shopops.accounts.models import User
from shopops.accounts.services import keep_an_administrator
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class OpenItem:
    """One kind of thing somebody may leave open.

    ``count(user)`` says how many; ``hand_over(user, to, by)`` gives them to ``to`` (or ends what
    concerned the person alone) and returns how many. Both run inside one transaction.
    """

    label: Words
    count: Callable[[User], int]
    hand_over: Callable[[User, User, User], int]


@dataclass(frozen=True)
class Left:
    """What was handed over: kind and number."""

    label: Words
    count: int


def items() -> "Iterator[OpenItem]":
    """Yield every kind of open thing, lowest floor first."""
    for item in registered("leaving", "ITEMS"):
        if isinstance(item, OpenItem):
            yield item


def open_items(user: User) -> list[Left]:
    """Return what ``user`` has open, with counts, 0 included."""
    return [Left(item.label, item.count(user)) for item in items()]


def successors(user: User) -> "list[User]":
    """Return who may take over: active people, the person's own department first."""
    people = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("full_name", "pk")
    return sorted(people, key=lambda person: person.department_id != user.department_id)


def leave(user_id: int, *, to_id: int, by: User) -> list[Left]:
    """End a person's access and hand everything open to ``to_id``; return what was handed over.

    Sessions, tokens, second factors and roles are gone at once, the log-in is off. Raises Refused for the last
    administrator, for oneself, for a successor who is not active, and where something would stay open.
    """
    with acting(by):
        user = keep_an_administrator(user_id, keeps=False, by=by)
        to = User.objects.filter(pk=to_id, is_active=True).exclude(pk=user_id).first()
        if user.pk == by.pk:
            raise Refused(_("Ask another administrator to take the role or the log-in from you."))
        if to is None:
            raise Refused(_("Choose somebody active who takes over."))
        handed = [Left(item.label, item.hand_over(user, to, by)) for item in items()]
        if sum(left.count for left in open_items(user)):
            raise Refused(_("Something stayed open. Nothing was changed; try again."))
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password", "updated_at"])
        user.roles.clear()
        second_factor.reset(user, by=by)
        tokens.revoke(user, by=by)
        tell(user, "left", by=by)
    return handed
