"""What the side navigation shows: topics register entries in their ``navigation.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from shopops.access.declare import may
from shopops.accounts.roles import DEPARTMENTS
from shopops.topics import registered
from shopops.words import Words

if TYPE_CHECKING:
    from django.http import HttpRequest

ICONS = {
    "management": "building-store",
    "service": "headset",
    "planning": "package",
    "visual": "photo",
    "marketing": "speakerphone",
    "analysis": "chart-bar",
    "hr": "users",
}

TABS = 4  # of the phone's tab bar, before "More"


@dataclass(frozen=True)
class Entry:
    """One line of the navigation; without a ``department`` it stands above the departments."""

    label: Words
    url_name: str
    permission: str
    department: str = ""  # code of shopops.accounts.roles.DEPARTMENTS, "" for the top, "settings" for the foot
    icon: str = ""
    position: int = 50
    count: Callable[[], int | None] | None = None  # cheap: a partial index, capped
    key: str = ""  # the letter after g that goes there
    shown: Callable[[object], bool] | None = None  # where one permission does not tell who needs it
    phone: int = 0  # its place in the phone's tab bar

    @property
    def space(self) -> str:
        return self.url_name.partition(":")[0]


def entries(user: object) -> list[Entry]:
    """Return what this person may open, in order."""
    found = [item for item in registered("navigation", "NAVIGATION") if isinstance(item, Entry)]
    return sorted(
        (item for item in found if may(user, item.permission) and (item.shown is None or item.shown(user))),
        key=lambda item: item.position,
    )


def tree(request: "HttpRequest") -> dict[str, object]:
    """Return the navigation for a request: the top, the departments that have entries, the foot."""
    match = request.resolver_match
    allowed = entries(request.user)
    current = _current(allowed, request.path, match.namespace if match else "")

    made = {item: _line(item, item is current) for item in allowed}

    def lines(department: str) -> list[dict[str, object]]:
        return [line for item, line in made.items() if item.department == department]

    departments = []
    for code, name, _app in DEPARTMENTS:
        if found := lines(code):
            is_open = any(line["current"] for line in found)
            departments.append(
                {"name": gettext(name), "icon": ICONS[code], "url": found[0]["url"], "lines": found, "open": is_open}
            )
    asked = sorted((item for item in allowed if item.phone), key=lambda item: item.phone)
    rest = [item for item in allowed if not item.phone]
    return {
        "top": lines(""),
        "departments": departments,
        "foot": lines("settings"),
        "tabs": [made[item] for item in (asked or rest)[:TABS]],
        "keys": [line for line in made.values() if line["key"]],
    }


def _line(item: Entry, current: bool) -> dict[str, object]:  # noqa: FBT001 - says what the line is
    count = item.count() if item.count else None
    return {
        "label": item.label,
        "url": reverse(item.url_name),
        "icon": item.icon,
        "key": item.key,
        "count": count,
        "current": current,
    }


def _current(allowed: list[Entry], path: str, space: str) -> Entry | None:
    """Return the entry whose address the page's begins with, the longest; else one of the same topic."""
    urls = {reverse(item.url_name): item for item in allowed}
    above = [url for url in urls if url == path or (url != "/" and path.startswith(url))]
    if above:
        return urls[max(above, key=len)]
    return next((item for item in allowed if space and item.space == space), None)
