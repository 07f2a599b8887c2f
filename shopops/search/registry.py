"""What the palette finds: topics register finders in their ``search.py`` as ``FINDERS``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopops.access.declare import may
from shopops.topics import registered

if TYPE_CHECKING:
    from shopops.accounts.models import User

LIMIT = 5  # hits a group


@dataclass(frozen=True)
class Hit:
    """One thing found; names of persons are masked."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Finder:
    """One group of the palette. ``find`` gets the person, the text and the limit, and costs one indexed query."""

    code: str
    title: object
    permission: str
    icon: str
    find: "Callable[[User, str, int], Iterable[Hit]]"
    position: int = 50


def search(user: "User", text: str) -> list[tuple[Finder, list[Hit]]]:
    """Return the groups with at least one hit that this person may see."""
    finders = sorted(
        (item for item in registered("search", "FINDERS") if isinstance(item, Finder)), key=lambda f: f.position
    )
    found = [(item, list(item.find(user, text, LIMIT))[:LIMIT]) for item in finders if may(user, item.permission)]
    return [(item, hits) for item, hits in found if hits]
