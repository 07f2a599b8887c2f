"""What a browser calls itself, in words a person knows."""

import re
from typing import Final

from django.utils.translation import gettext as _

_BROWSERS: Final = (  # the first that is found; who imitates others stands before them
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def describe(user_agent: str) -> str:
    """Return "Chrome · Windows" for what a browser sends; a plain word where nothing is known."""
    found = [
        next((name for mark, name in names if re.search(rf"\b{mark}", user_agent)), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(name for name in found if name) or _("Unknown device")
