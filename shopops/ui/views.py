"""A person's own settings: language and what they are here."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from shopops.access.declare import PUBLIC, STAFF, StaffRequest, access
from shopops.accounts import services
from shopops.ui import samples
from shopops.ui.pulse import pulse

YEAR = 365 * 24 * 3600  # seconds


@access(PUBLIC, methods=("POST",))
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, remembered for the person and the browser."""
    chosen = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    if chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated and request.user.language != chosen:
            services.speak(request.user, chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE, httponly=True
        )
    return response


@access(STAFF, methods=("GET",))
def beat(request: StaffRequest) -> HttpResponse:
    """Answer an open page that asks what is new: 304 where nothing is.

    The page names what it shows by If-None-Match; nothing of it is kept by a cache.
    """
    found = pulse(request.user)
    if request.headers.get("If-None-Match") == found.etag:
        return HttpResponse(status=304, headers={"ETag": found.etag})
    response = render(request, "components/pulse_changed.html", {"pulse": found})
    response.headers["ETag"] = found.etag
    return response


@access(STAFF, methods=("GET",))
def me(request: StaffRequest) -> HttpResponse:
    """Show who somebody is here and what they may set for themselves."""
    return render(request, "shopops/ui/me.html", {"title": _("My settings"), "roles": request.user.roles.all()})


@access("ui.styleguide", methods=("GET",))
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component in every state: what tests photograph and what a new page is made of."""
    shown = {
        "title": _("Components"),
        "colours": samples.COLOURS,
        "types": samples.TYPE,
        "tiles": samples.tiles(),
        "badges": samples.badges(),
        "rows": samples.rows(),
        "steps": samples.steps(),
        "side": samples.side(),
        "meter": samples.meter(),
        "chart": samples.chart(),
    }
    return render(request, "shopops/ui/styleguide.html", shown)
