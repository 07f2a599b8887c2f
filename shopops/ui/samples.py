"""What /styleguide/ shows: each component in each state, with figures that mean nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from shopops import clock
from shopops.ui import charts, formats
from shopops.ui.timeline import Event, Step

TODAY = [3, 2, 1, 1, 2, 4, 8, 13, 17, 24, 31, 30, 27, 29, None, 26, 24, 28]
BEFORE = [4, 2, 1, 1, 1, 3, 7, 11, 16, 22, 26, 25, 23, 22, 21, 23, 22, 25]
COLOURS = (
    ("bg", "surface", "sunken", "hover", "line", "line-2", "field", "mute-soft"),
    ("ink", "ink-2", "ink-3", "accent", "good", "warn", "bad", "violet"),
    ("accent-soft", "accent-line", "good-soft", "warn-soft", "bad-soft", "violet-soft", "band", "compared"),
    ("c1", "c2", "c3", "c4", "c5"),
)
TYPE = (  # class, size / line, weight
    ("so-hero", "30 / 38", 600),
    ("so-tile-value", "22 / 28", 600),
    ("so-type-18", "18 / 26", 600),
    ("so-type-14", "14 / 20", 600),
    ("so-type-13", "13 / 20", 400),
    ("so-small", "12 / 18", 400),
)


def tiles() -> list[dict[str, Any]]:
    """Return tiles: usual, past a threshold, absent."""
    line = charts.sparkline(TODAY, BEFORE)
    return [
        {
            "label": _("Paid"), "value": "¥98,642", "exact": "98,642.5000", "note": _("Tuesday before 91,205"),
            "change": "▲ 8.2%", "spark": line, "help": _("What buyers paid, before refunds."),
        },
        {"label": _("Refunds"), "value": "¥7,162", "note": _("Tuesday before 5,088"), "change": "▲ 40.8%", "tone": "bad", "spark": line},
        {"label": _("Orders"), "value": "–", "note": _("No data of this channel yet")},
    ]  # fmt: skip


def steps() -> list[dict[str, Any]]:
    return [
        {"label": _("Upload"), "state": "done"},
        {"label": _("Recognise"), "state": "done"},
        {"label": _("Preview"), "state": "current"},
        {"label": _("Write"), "state": "todo"},
    ]


def events() -> list[Event]:
    """Return a timeline of three entries."""
    now = clock.now()
    return [
        Event(now, "顾思远", _("Order changed"), [Step(_("state"), _("To ship"), _("Partly shipped"))], "", ""),
        Event(
            now - timedelta(hours=2),
            _("The system"),
            _("Refund added"),
            [],
            _("import #%(number)s") % {"number": 5521},
            "#",
        ),
        Event(datetime(2025, 3, 24, 6, 30, tzinfo=UTC), "陈立", _("Order added"), [], "", ""),
    ]


def side() -> dict[str, Any]:
    """Return what stands beside a record: a comment that names a colleague, its file, a change."""
    now = clock.now()
    written = Event(now, "顾思远", "", [], "", "")
    name = {"text": "@陈立", "is_mention": True}
    file = {"pk": 1, "name": "report.pdf", "size": formats.file_size(345_678), "is_image": False, "may_remove": True}
    written.comment = {
        "pk": 1,
        "pieces": [name, {"text": " "}, {"text": _("please look at this.")}],
        "files": [file],
        "may_edit": True,
        "may_remove": True,
        "edited": now,
        "former": [[{"text": _("Please look.")}]],
    }
    return {
        "table": "products_order", "pk": 1, "version": 0, "events": [written, *events()], "older": "",
        "followers": 2, "follows": True, "pinned": False, "longest": 4000, "accept": ".pdf",
    }  # fmt: skip


def rows() -> list[dict[str, Any]]:
    """Return rows of a table."""
    return [
        {
            "number": "3268441022975513",
            "paid": Decimal("876.00"),
            "state": "paid",
            "label": _("To ship"),
            "chosen": True,
        },
        {
            "number": "6934021755862290",
            "paid": Decimal("369.00"),
            "state": "held",
            "label": _("On hold"),
            "chosen": False,
        },
        {
            "number": "3268441309157728",
            "paid": Decimal("518.00"),
            "state": "closed_refunded",
            "label": _("Closed, refunded"),
            "chosen": False,
        },
    ]


def badges() -> list[tuple[str, str]]:
    """Return a state for each colour and icon."""
    return [
        ("paid", _("To ship")), ("partly_shipped", _("Partly shipped")), ("in_wave", _("Picking")), ("inflight", _("Sending")),
        ("finished", _("Finished")), ("shipped", _("Shipped")), ("unknown", _("Unknown")), ("held", _("On hold")),
        ("overdue", _("Overdue")), ("failed", _("Failed")), ("refused", _("Refused")), ("closed", _("Closed")),
        ("closed_refunded", _("Closed, refunded")), ("undone", _("Taken back")), ("draft", _("Draft")),
    ]  # fmt: skip


def chart() -> dict[str, Any]:
    """Return a chart: two series, a missing day, a band, the comparison."""
    days = [f"3-{day}" for day in range(1, 19)]
    return {
        "id": "sample-chart",
        "label": _("Paid by day"),
        "data": {
            "kind": "line",
            "days": days,
            "series": [
                {"name": _("This year"), "values": TODAY},
                {"name": _("Last year by weekday"), "values": BEFORE, "compared": True},
            ],
            "bands": [{"from": "3-5", "to": "3-8", "name": _("Activity")}],
            "missing": [{"at": "3-15", "text": _("not imported")}],
        },
        "head": [_("Day"), _("This year"), _("Last year by weekday")],
        "rows": [
            [day, "–" if now is None else now, before] for day, now, before in zip(days, TODAY, BEFORE, strict=True)
        ],
    }


def meter() -> charts.Meter:
    return charts.meter(Decimal("431.1"), Decimal(600), mark=Decimal("445.4"), expected=Decimal("580.8"))
