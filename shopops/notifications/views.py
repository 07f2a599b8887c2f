"""What I was told: the bell's list, the page of all, read, aside for a while, and how I am told."""

from collections.abc import Sequence
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.declare import STAFF, StaffRequest, access, may
from shopops.errors import Refused
from shopops.notifications import services
from shopops.notifications.forms import ToldForm
from shopops.notifications.kinds import Kind, kinds
from shopops.notifications.message import address, sentence
from shopops.notifications.models import QUIET_FROM, QUIET_TO, Notification, Preference, QuietHours
from shopops.ui import keyset, records
from shopops.ui.pages import form_page, saved

IN_THE_BELL: Final = 8
ON_A_PAGE: Final = 50
TABS: Final = ("unread", "all", "snoozed")


def _lines(request: StaffRequest, rows: Sequence[Notification]) -> list[dict[str, object]]:
    """Return what the list shows of each row; two queries at most for each table they are about."""
    keys = [(item.table_name, item.row_id) for item in rows if item.row_id is not None]
    about = records.shown(request.user, keys)
    known = kinds()
    return [
        {
            "item": item,
            "text": sentence(item),
            "icon": known[item.kind].icon if item.kind in known else "bell",
            "about": about.get((item.table_name, item.row_id)) if item.row_id is not None else None,
        }
        for item in rows
    ]


@access(STAFF, methods=("GET",))
def all_of_them(request: StaffRequest) -> HttpResponse:
    """Show one's notifications, newest first: unread, all, put aside."""
    tab, now = request.GET.get("tab", TABS[0]), clock.now()
    if tab not in TABS:
        raise Http404
    rows = Notification.objects.visible_to(request.user).select_related("actor")
    chosen = {"unread": rows.unread(now), "all": rows, "snoozed": rows.snoozed(now)}[tab]
    try:
        page = keyset.page(chosen, ("-at", "-id"), size=ON_A_PAGE, after=request.GET.get("after", ""))
    except keyset.BadCursor as error:
        raise Http404 from error
    names = {"unread": _("Unread"), "all": _("All"), "snoozed": _("Put aside")}
    context = {
        "title": _("Notifications"),
        "lines": _lines(request, page.rows),
        "tabs": [{"label": names[code], "url": f"?tab={code}", "current": code == tab} for code in TABS],
        "tab": tab,
        "older": f"?tab={tab}&after={page.after}" if page.after else "",
    }
    return render(request, "shopops/notifications/list.html", context)


@access(STAFF, methods=("GET",))
def newest(request: StaffRequest) -> HttpResponse:
    """Give the bell its list: what is unread, newest first."""
    rows = Notification.objects.visible_to(request.user).unread(clock.now()).select_related("actor")
    lines = _lines(request, list(rows.order_by("-at", "-id")[:IN_THE_BELL]))
    return render(request, "shopops/notifications/_newest.html", {"lines": lines})


@access(STAFF, methods=("POST",))
def follow(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark a notification as read and go to what it is about."""
    item = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    services.mark_seen(request.user, pk)
    return redirect(address(item))


@access(STAFF, methods=("POST",))
def read(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark one as read."""
    get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    services.mark_seen(request.user, pk)
    return redirect(reverse("notifications:list"))


@access(STAFF, methods=("POST",))
def read_all(request: StaffRequest) -> HttpResponse:
    """Mark all that are unread as read; what is put aside stays aside."""
    count = services.mark_seen(request.user)
    return saved(request, _("Marked as read: %(count)s") % {"count": count}, reverse("notifications:list"))


@access(STAFF, methods=("POST",))
def snooze(request: StaffRequest, pk: int) -> HttpResponse:
    """Put one aside for an hour, until tomorrow, until next week."""
    get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    try:
        services.snooze(request.user, pk, request.POST.get("until", ""))
    except Refused as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return saved(request, _("Put aside."), reverse("notifications:list"))


@access(STAFF)
def settings(request: StaffRequest) -> HttpResponse:
    """Choose how one is told by e-mail, kind by kind, and the quiet hours."""
    offered = [kind for kind in kinds().values() if not kind.permission or may(request.user, kind.permission)]
    form = ToldForm(
        request.POST if request.method == "POST" else None, kinds=offered, initial=_chosen(request, offered)
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.choose(request.user, form.mails(), quiet_from=given["quiet_from"], quiet_to=given["quiet_to"])
        except Refused as refusal:
            form.add_error("quiet_to", str(refusal))
        else:
            return saved(request, _("Saved."), reverse("notifications:settings"))
    return form_page(
        request,
        form,
        title=_("How I am told"),
        template="shopops/notifications/settings.html",
        no_address=not request.user.email,
    )


def _chosen(request: StaffRequest, offered: list[Kind]) -> dict[str, object]:
    mine = dict(Preference.objects.filter(user=request.user).values_list("kind", "mail"))
    hours = QuietHours.objects.filter(user=request.user).first()
    return {
        "quiet_from": hours.quiet_from if hours else QUIET_FROM,
        "quiet_to": hours.quiet_to if hours else QUIET_TO,
        **{kind.code: mine.get(kind.code, kind.default_mail) for kind in offered},
    }
