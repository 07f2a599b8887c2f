"""What people can be told of: topics register ``KINDS`` in their ``notifications.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from shopops.topics import registered
from shopops.words import Words

OFF: Final = "off"
NOW: Final = "now"
DIGEST: Final = "digest"


@dataclass(frozen=True)
class Kind:
    """One kind of notification; the sentence has named placeholders and never says anything personal."""

    code: str
    label: Words
    sentence: Words
    default_mail: str = OFF  # off, now, digest; each person chooses for themselves
    icon: str = "bell"
    permission: str = ""  # whom the settings page offers it; everybody where empty
    adds: tuple[str, ...] = ()  # whole numbers of the sentence that add up while it is unread
    gathers: tuple[str, ...] = ()  # lists of codes of the sentence that are put together meanwhile
    place: str = ""  # URL name to go to when it is about no record
    link: Callable[[Mapping[str, object]], str] | None = None  # where it leads, when not to its record's page
    words: Callable[[Mapping[str, object]], dict[str, object]] | None = None  # translates codes among the values

    def text(self, values: Mapping[str, object]) -> str:
        """Return the sentence with its values, in the language that is switched on."""
        shown = dict(values) | (self.words(values) if self.words else {})
        try:
            return str(self.sentence) % shown
        except (KeyError, TypeError, ValueError):  # written by an older version of the program
            return str(self.label)


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by code, lowest floor first."""
    return {item.code: item for item in registered("notifications", "KINDS") if isinstance(item, Kind)}
