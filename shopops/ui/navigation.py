"""What the side navigation shows: topics register entries in their ``navigation.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext

from shopops.access.declare import may
from shopops.accounts.roles import DEPARTMENTS
from shopops.topics import registered
from shopops.ui.formats import capped
from shopops.words import Words

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from shopops.accounts.models import User

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
    waiting: "Callable[[User], QuerySet[Any]] | None" = None  # what its count counts; cheap: a partial index
    key: str = ""  # the letter after g that goes there
    besides: tuple[str, ...] = ()  # addresses below its own that are not its pages: one's own log-in's
    shown: Callable[[object], bool] | None = None  # where one permission does not tell who needs it
    phone: int = 0  # its place in the phone's tab bar
    on_phone: Callable[[Any], bool] | None = None  # who has it there; everybody where None

    @property
    def code(self) -> str:
        """Its name in the page: "approvals-list"."""
        return self.url_name.replace(":", "-")

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


def tree(request: "HttpRequest", counts: Mapping[str, int]) -> dict[str, object]:
    """Return the navigation for a request: the top, the departments that have entries, the foot.

    ``counts`` are those of shopops.ui.pulse, by an entry's code.
    """
    match = request.resolver_match
    allowed = entries(request.user)
    current = _current(allowed, request.path, match.namespace if match else "")

    made = {item: _line(item, counts, current=item is current) for item in allowed}

    def lines(department: str) -> list[dict[str, object]]:
        return [line for item, line in made.items() if item.department == department]

    departments = []
    for code, name, _app in DEPARTMENTS:
        if found := lines(code):
            is_open = any(line["current"] for line in found)
            departments.append(
                {"name": gettext(name), "icon": ICONS[code], "url": found[0]["url"], "lines": found, "open": is_open}
            )
    asked = sorted((item for item in allowed if _has_tab(item, request.user)), key=lambda item: item.phone)
    rest = [item for item in allowed if not item.phone]
    return {
        "top": lines(""),
        "departments": departments,
        "foot": lines("settings"),
        "tabs": [made[item] for item in [*asked, *rest][:TABS]],
        "keys": [line for line in made.values() if line["key"]],
    }


def _has_tab(item: Entry, user: object) -> bool:
    return bool(item.phone) and (item.on_phone is None or item.on_phone(user))


def _line(item: Entry, counts: Mapping[str, int], *, current: bool) -> dict[str, object]:
    return {
        "label": item.label,
        "url": reverse(item.url_name),
        "icon": item.icon,
        "key": item.key,
        "code": item.code if item.waiting else "",
        "count": capped(counts.get(item.code, 0), 99) if counts.get(item.code) else "",
        "current": current,
    }


def _current(allowed: list[Entry], path: str, space: str) -> Entry | None:
    """Return the entry whose address the page's begins with, the longest; else one of the same topic; of some none."""
    if any(path.startswith(beside) for item in allowed for beside in item.besides):
        return None
    urls = {reverse(item.url_name): item for item in allowed}
    above = [url for url in urls if url == path or (url != "/" and path.startswith(url))]
    if above:
        return urls[max(above, key=len)]
    return next((item for item in allowed if space and item.space == space), None)
