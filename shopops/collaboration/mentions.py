"""Colleagues named in a text as @user.name: found, shown by their names, asked whether they may see the record."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db.models import Q

from shopops.accounts.models import User

AT_MOST: Final = 20  # of one text
OFFERED: Final = 8  # of one search
LOOKED_AT: Final = 60  # colleagues of one search asked for their rights
_MENTION: Final = re.compile(r"(?<![\w.@])@([\w][\w.\-]{0,63})")


class Piece(NamedTuple):
    """A piece of a text: words, or the name of somebody mentioned."""

    text: str
    is_mention: bool = False


def names_in(text: str) -> set[str]:
    """Return the user names a text may mention, each also without the full stop that ends a sentence."""
    found = {match[1].lower() for match in _MENTION.finditer(text)}
    return found | {name.rstrip(".-") for name in found}


def mentioned(text: str) -> list[User]:
    """Return the active people a text names, with their rights; one query."""
    names = names_in(text)
    if not names:
        return []
    people = User.objects.with_permissions().filter(username__in=names, is_active=True)
    return list(people.order_by("username")[:AT_MOST])


def people_of(texts: Iterable[str]) -> dict[str, str]:
    """Return user name → name of everybody these texts mention; one query."""
    names = {name for text in texts for name in names_in(text)}
    if not names:
        return {}
    return {user.username: str(user) for user in User.objects.filter(username__in=names)}


def pieces(text: str, people: dict[str, str]) -> list[Piece]:
    """Cut a text into words and mentions; a name nobody has stays words."""
    found, start = [], 0
    for match in _MENTION.finditer(text):
        name = match[1].lower()
        name = name if name in people else name.rstrip(".-")
        if name not in people:
            continue
        found += [Piece(text[start : match.start()]), Piece(f"@{people[name]}", is_mention=True)]
        start = match.start() + 1 + len(name)
    found.append(Piece(text[start:]))
    return [piece for piece in found if piece.text]


def matching(text: str, *, besides: User) -> list[User]:
    """Return active colleagues whose user name or name begins with or contains ``text``, with their rights."""
    people = User.objects.with_permissions().filter(is_active=True).exclude(pk=besides.pk)
    if text:
        people = people.filter(Q(username__istartswith=text) | Q(full_name__icontains=text))
    return list(people.order_by("username")[:LOOKED_AT])
