"""A person's own settings: language and what they are here."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from shopops.access.declare import PUBLIC, STAFF, StaffRequest, access
from shopops.accounts import services
from shopops.ui import samples

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
