"""What the frame of every page needs."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shopops.ui.navigation import tree
from shopops.ui.pulse import pulse

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the context of the frame; the navigation is made only where a template asks for it."""
    theme = request.COOKIES.get("shopops_theme", "")
    beat = SimpleLazyObject(lambda: pulse(request.user))
    return {
        "store_name": settings.STORE_NAME,
        "store_mark": settings.STORE_NAME[:1],
        "theme": theme if theme in THEMES else "",
        "languages": settings.LANGUAGES,
        "narrow": request.COOKIES.get("shopops_nav") == "narrow",
        "navigation": SimpleLazyObject(lambda: tree(request, beat.counts)),
        "pulse": beat,
        "pulse_seconds": settings.PULSE_SECONDS,
        "density": "comfortable" if request.COOKIES.get("shopops_density") == "comfortable" else "compact",
    }
