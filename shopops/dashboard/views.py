import re

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.access.declare import STAFF, StaffRequest, access
from shopops.accounts.roles import ROLES
from shopops.dashboard import homes
from shopops.dashboard.board import COMPARISONS, RANGES, Board, board_of
from shopops.dashboard.registry import DASHBOARD, HOME, needs, panels
from shopops.ui.navigation import entries

IN_BRACKETS = re.compile(r"[（(]([^（）()]{1,12})[）)]$")
ROLE_NAMES = {code: name for code, name, _department in ROLES}


@access(STAFF, ["GET"])
def start(request: StaffRequest) -> HttpResponse:
    """The manager's dashboard; others are sent to where they start."""
    if request.user.has_perm("dashboard.view"):
        return _page(request, DASHBOARD, "", _("Dashboard"))
    if code := homes.own_home(request.user):
        return HttpResponseRedirect(reverse(f"dashboard:{code}"))
    first = next((entry.url_name for entry in entries(request.user)), "ui:me")
    return HttpResponseRedirect(reverse(first))


@access(STAFF, ["GET"])
def home(request: StaffRequest, department: str) -> HttpResponse:
    """A department's own page of panels."""
    if not homes.has_home(request.user, department):
        raise Http404
    return _page(request, HOME, department, _(homes.NAMES[department]))


def _page(request: StaffRequest, place: str, department: str, title: str) -> HttpResponse:
    board = board_of(request)
    waiting = [need for need in needs(board) if not department or homes.DEPARTMENT_OF_ROLE.get(need.role) == department]
    cards = [(panel, panel.render(board)) for panel in panels(place, request.user, department)]
    context = {
        "title": title,
        "board": board,
        "department": department,
        "needs": [(need, _(ROLE_NAMES[need.role])) for need in waiting],
        "bad": sum(need.level == "bad" for need in waiting),
        "cards": [(panel, html) for panel, html in cards if html],
        "ranges": _choices(board, "range", RANGES),
        "comparisons": _choices(board, "compare", COMPARISONS),
        "shops": _shops(board),
    }
    return render(request, "shopops/dashboard/page.html", context)


def _choices(board: Board, name: str, choices: dict[str, str]) -> list[dict[str, object]]:
    now = getattr(board, name)
    return [
        {"code": code, "label": label, "url": board.link(**{name: code}), "chosen": code == now}
        for code, label in choices.items()
        if code != "custom"
    ]


def _shops(board: Board) -> list[dict[str, object]]:
    """Return the channels a panel has looked up, as choices of the page; none where no panel has."""
    found = board.kept.get("channels", [])
    if len(found) < 2:
        return []
    every = [{"label": _("All channels"), "url": board.link(channel=""), "chosen": not board.channel}]
    short = _short_names([channel.title for channel in found])
    return every + [
        {
            "label": short[channel.title],
            "title": channel.title,
            "url": board.link(channel=channel.code),
            "chosen": channel.code == board.channel,
        }
        for channel in found
    ]


def _short_names(titles: list[str]) -> dict[str, str]:
    """Give each title what tells it from the others: 天猫 of 青禾服饰旗舰店（天猫）, where only one shop says so."""
    bracketed = {title: found[1] for title in titles if (found := IN_BRACKETS.search(title))}
    said = list(bracketed.values())
    return {title: bracketed[title] if said.count(bracketed.get(title, "")) == 1 else title for title in titles}
