from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analytics.quality import services
from analytics.quality.models import CheckRun
from products.channels.models import Channel
from products.sales.gaps import gaps
from shopops import clock
from shopops.access.scopes import is_limited
from shopops.dashboard.board import Board
from shopops.dashboard.registry import Column, Need, Needs, Section
from shopops.exchange.models import ImportBatch

LOOK_BACK = timedelta(days=35)
NAMED = 4  # days written out
Row = dict[str, Any]


def status(day: date, shared: dict[str, Any]) -> list[dict[str, Any]] | None:
    """How far this day's data can be trusted: lag, holes, refused files, roll-ups that do not agree."""
    first, end = clock.day_range(day)
    rows = [*_lag(end), *_holes(day), *_refused(first, shared["now"]), *_rollups()]
    if not rows:
        rows = [{"level": "good", "check": "clean", "since": None}]
    return [{"currency": "", "rows": rows}]


def _lag(end: datetime) -> list[Row]:
    return [
        {
            "level": "bad",
            "check": "lag" if channel.data_through else "nothing",
            "channel": channel.title,
            "since": channel.data_through and channel.data_through.isoformat(),
        }
        for channel in Channel.objects.selling_daily().order_by("code")
        if channel.data_through is None or channel.data_through < end
    ]


def _holes(day: date) -> list[Row]:
    found: dict[tuple[str, bool], list[date]] = {}
    for gap in gaps(min(day.replace(day=1), day - LOOK_BACK), day):
        found.setdefault((gap.channel.title, gap.covered), []).append(gap.day)
    return [
        {
            "level": "warn" if covered else "bad",
            "check": "zero" if covered else "gap",
            "channel": channel,
            "days": _listed(days),
            "since": clock.day_range(days[0])[0].isoformat(),
        }
        for (channel, covered), days in found.items()
    ]


def _listed(days: list[date]) -> str:
    shown = ", ".join(f"{day.month}-{day.day}" for day in days[:NAMED])
    return shown if len(days) <= NAMED else f"{shown} … ({len(days)})"


def _refused(first: datetime, now: datetime) -> list[Row]:
    wrong = ImportBatch.objects.filter(
        state__in=(ImportBatch.State.REFUSED, ImportBatch.State.INTERRUPTED),
        dry_run=False,
        created_at__gte=first - timedelta(days=7),
        created_at__lte=now,
    )
    return [
        {"level": "bad", "check": state, "file": name, "since": at.isoformat()}
        for state, name, at in wrong.order_by("created_at", "pk").values_list("state", "upload__name", "created_at")[
            :20
        ]
    ]


def _rollups() -> list[Row]:
    run = services.newest(services.ROLLUPS)
    if run is None or not run.count:
        return []
    return [{"level": "bad", "check": "rollups", "count": run.count, "since": _since(run).isoformat()}]


def _since(run: CheckRun) -> datetime:
    return run.first_found_at or run.checked_at


def wrong_rollups(board: Board) -> Iterator[Need]:
    """What the newest nightly check of the roll-ups found."""
    run = services.newest(services.ROLLUPS)
    if run is not None and run.count and not is_limited(board.user, "quality.view"):
        words = ngettext(
            "Roll-ups differ from the orders on %(count)s channel day: figures may be wrong",
            "Roll-ups differ from the orders on %(count)s channel days: figures may be wrong",
            run.count,
        )
        yield Need(
            "rollups",
            words % {"count": run.count},
            run.count,
            _since(run),
            "analyst",
            reverse("quality:list"),
            "bad",
        )


NEEDS = [Needs("quality.view", wrong_rollups)]
SECTIONS = [
    Section(
        "status",
        _("Data status"),
        10,
        [
            Column("check", _("Check"), "sentence", strong=True),
            Column("since", _("Since"), "moment"),
        ],
        status,
        names={
            "clean": _("All checks pass: no day missing, no file refused, roll-ups equal the orders."),
            "lag": _("%(channel)s: data do not reach the end of the day."),
            "nothing": _("%(channel)s: nothing was ever imported."),
            "gap": _("%(channel)s, not imported: %(days)s. Totals and comparisons lack these days."),
            "zero": _("%(channel)s, no order although a file spans the day: %(days)s. Missing, or really zero?"),
            "refused": _("The file %(file)s was refused: nothing of it is counted."),
            "interrupted": _("The import of %(file)s broke off: nothing of it is counted."),
            "rollups": _("Roll-ups differ from the orders on %(count)s channel days: figures may be wrong."),
        },
        live=True,
    )
]
