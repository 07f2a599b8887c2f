"""Where a name is known: a platform, or one shop of ours, in words instead of the scope's code."""

from collections.abc import Iterable

from customers.identity.models import Identity
from products.channels.models import Channel


def with_places(identities: Iterable[Identity]) -> list[Identity]:
    """Return the identities, each with ``place``: its platform's or its channel's name (one query for all)."""
    found = list(identities)
    codes = {item.scope.removeprefix("channel:") for item in found if item.scope.startswith("channel:")}
    titles = dict(Channel.objects.filter(code__in=codes).values_list("code", "title")) if codes else {}
    platforms = dict(Channel.Platform.choices)
    for item in found:
        code = item.scope.removeprefix("channel:")
        item.place = str(titles.get(code) or platforms.get(code, code))
    return found
