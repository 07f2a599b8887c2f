"""The report in five lines (handbook 6 §8)."""

from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from analytics.reports import wording
from products.sales.definitions import name_of
from shopops.ui import formats


class Line(NamedTuple):
    label: str
    words: str
    level: str = ""  # bad, warn or nothing


def five_lines(figures: dict[str, Any]) -> list[Line]:
    """Return net, against plan, biggest cause, biggest risk and data; a line without figures is left out."""
    lines = [_net(figures), _plan(figures), _cause(figures), _risk(figures), _data(figures)]
    return [line for line in lines if line is not None]


def _row(figures: dict[str, Any], section: str, key: str, value: str) -> dict[str, Any] | None:
    tables = figures["sections"].get(section, [])
    return next((row for table in tables for row in table["rows"] if row.get(key) == value), None)


def _net(figures: dict[str, Any]) -> Line | None:
    row = _row(figures, "headline", "metric", "net")
    if row is None:
        return None
    words = _("%(net)s, same weekday last week %(week)s (%(change)s); month to date %(month)s") % {
        "net": wording.figure("net", row["value"]),
        "week": wording.figure("net", row["week"]),
        "change": wording.arrow(row["week_change"]),
        "month": wording.figure("net", row["month"]),
    }
    return Line(_("Net sales"), words)


def _plan(figures: dict[str, Any]) -> Line | None:
    row = _row(figures, "headline", "metric", "net")
    if row is None or row.get("plan_change") is None:
        return None
    change = Decimal(row["plan_change"])
    values = {"share": formats.percent(abs(change)), "plan": wording.figure("net", row["plan"])}
    words = (
        _("%(share)s ahead of %(plan)s, the plan so far by daily weights")
        if change >= 0
        else _("%(share)s behind %(plan)s, the plan so far by daily weights")
    )
    return Line(_("Against plan"), words % values, "warn" if change < 0 else "")


def _cause(figures: dict[str, Any]) -> Line | None:
    rows = [
        row
        for table in figures["sections"].get("causes", [])[:1]
        for row in table["rows"]
        if not row.get("total") and row["effect"]
    ]
    if not rows:
        return None
    row = max(rows, key=lambda row: abs(Decimal(row["effect"])))
    words = _("%(factor)s brought %(effect)s: %(before)s → %(after)s") % {
        "factor": name_of(row["factor"]),
        "effect": wording.signed(row["effect"]),
        "before": wording.figure(row["factor"], row["week"]),
        "after": wording.figure(row["factor"], row["value"]),
    }
    return Line(_("Biggest cause"), words)


def _risk(figures: dict[str, Any]) -> Line | None:
    rows = [row for table in figures["sections"].get("late", []) for row in table["rows"]]
    overdue, soon = sum(row["overdue"] for row in rows), sum(row["soon"] for row in rows)
    if not overdue and not soon:
        return None
    words = _("%(overdue)s orders past their time to ship, %(soon)s within 24 hours") % {
        "overdue": formats.number(overdue),
        "soon": formats.number(soon),
    }
    return Line(_("Biggest risk"), words, "bad" if overdue else "warn")


def _data(figures: dict[str, Any]) -> Line:
    wrong = [row for table in figures["sections"].get("status", []) for row in table["rows"] if row["level"] != "good"]
    if not wrong:
        return Line(_("Data"), _("complete: all checks pass"))
    return Line(_("Data"), _("%(count)s checks do not pass: see the data status") % {"count": len(wrong)}, "bad")
