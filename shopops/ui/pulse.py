"""What an open page asks again and again: how many notifications are unread, how much waits where."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language

from shopops import clock
from shopops.notifications.models import Notification
from shopops.ui import formats
from shopops.ui.counting import capped_counts
from shopops.ui.navigation import entries

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from shopops.accounts.models import User

LIMIT: Final = 99
BELL: Final = "bell"


@dataclass(frozen=True)
class Pulse:
    """The counts of a person's page by code: the bell's, those of the navigation."""

    counts: dict[str, int]

    @property
    def bell(self) -> str:
        """How many notifications are unread; empty for none."""
        return shown(self.counts[BELL])

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The counts of the navigation: an entry's code and its text."""
        return [(code, shown(count)) for code, count in self.counts.items() if code != BELL]

    @property
    def etag(self) -> str:
        """What changes with anything shown, the language included."""
        said = repr((sorted(self.counts.items()), get_language()))
        return f'"{hashlib.sha256(said.encode()).hexdigest()[:20]}"'


def shown(count: int) -> str:
    """Return a count as badges write it: nothing for 0, "99+" beyond."""
    return formats.capped(count, LIMIT) if count else ""


def pulse(user: "User") -> Pulse:
    """Take the pulse: one statement over partial indexes, each count capped."""
    unread = Notification.objects.visible_to(user).unread(clock.now())
    counted: dict[str, QuerySet[Any]] = {BELL: unread}
    counted |= {item.code: item.waiting(user) for item in entries(user) if item.waiting}
    found = capped_counts(list(counted.values()), LIMIT)
    return Pulse(dict(zip(counted, found, strict=True)))
