"""The sales cards of boards: each turns a board into its HTML."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from products.sales import boards, sums
from products.sales.rows import item_url, rows_url
from shopops import clock
from shopops.dashboard.board import COMPARISONS, Board
from shopops.money import ratio
from shopops.ui import formats
from shopops.ui.charts import meter

SHOWN: Final = 5  # items
UNRIPE: Final = timedelta(days=15)  # refunds of younger orders still come
MANY_REFUNDS: Final = Decimal("0.25")  # of an item's gross


def today(board: Board) -> str:
    then = board.today - boards.WEEK
    context = {
        "today": boards.today(board),
        "weekday": then,
        "note": _("last %(weekday)s") % {"weekday": formats.weekday(then)},
    }
    return render_to_string("products/sales/_today.html", context)


def month(board: Board) -> str:
    shown = boards.month(board)
    plan = shown.to_date.plan_to_date if shown.to_date else None
    context = {
        "month": shown,
        "meter": meter(shown.actual, shown.plan, mark=plan, expected=shown.forecast) if shown.plan else None,
        "behind_words": formats.percent(abs(shown.behind)) if shown.behind is not None else "",
        "change_plan": reverse("sales:plans")
        if board.user.has_perm("plans.change") and boards.among(board) is None
        else "",
    }
    return render_to_string("products/sales/_month.html", context)


def _words(board: Board) -> dict[str, str]:
    compare = "" if board.compare == "none" else str(COMPARISONS[board.compare])
    return {"range_words": f"{formats.day(board.first)} – {formats.day(board.last)}", "compare_words": compare}


def trend(board: Board) -> str:
    found = boards.trend(board)
    rows = found["rows"]
    if all(row["paid"] is None for row in rows):
        return ""
    data = {
        "kind": "line",
        "days": [f"{row['day'].month}-{row['day'].day}" for row in rows],
        "series": [
            {"name": _("Paid"), "values": [None if row["missing"] else _chart_number(row["paid"]) for row in rows]},
            {
                "name": str(COMPARISONS[board.compare]),
                "values": [_chart_number(row["before"]) for row in rows],
                "compared": True,
            },
        ][: 1 if board.compare == "none" else 2],
        "bands": _bands([row["note"] for row in rows]),
        "missing": [{"at": index, "text": _("not imported")} for index, row in enumerate(rows) if row["missing"]],
        "urls": [row["url"] for row in rows],
    }
    head = [_("Day"), _("Paid"), _("Net sales"), _("Orders"), _("Compared day"), _("Paid then"), _("Note")]
    context = {
        "data": data,
        "head": head,
        "rows": [_trend_row(row) for row in rows],
        "currency": found["currency"],
        **_words(board),
    }
    return render_to_string("products/sales/_trend.html", context)


def _bands(notes: list[str]) -> list[dict[str, Any]]:
    """Return the noted days as bands; neighbours with one note are one band."""
    bands: list[dict[str, Any]] = []
    for index, note in enumerate(notes):
        if note and bands and bands[-1]["to"] == index - 1 and bands[-1]["note"] == note:
            bands[-1]["to"] = index
        elif note:
            bands.append({"from": index, "to": index, "note": note, "name": note[:12]})
    return [{**band, "to": min(band["to"] + (band["from"] == band["to"]), len(notes) - 1)} for band in bands]


def _chart_number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _trend_row(row: dict[str, Any]) -> Sequence[str]:
    notes = [row["note"], *(_("not imported: %(channel)s") % {"channel": title} for title in row["missing"])]
    return [
        format_html('<a href="{}">{}</a>', row["url"], formats.day(row["day"])),
        formats.money(row["paid"]),
        formats.money(row["net"]),
        formats.number(row["orders"]),
        formats.day(row["other"]),
        formats.money(row["before"]),
        "; ".join(note for note in notes if note) or formats.ABSENT,
    ]


def channels(board: Board) -> str:
    tables = boards.by_channel(board)
    for row in (row for table in tables for row in table["rows"]):
        top = max([*row["spark"], Decimal(1)])
        heights = [round(float(max(value, Decimal(0)) / top * 18), 1) for value in row["spark"]]
        row["bars"] = [{"x": index * 6, "y": 20 - height, "height": height} for index, height in enumerate(heights)]
    if not any(table["rows"] for table in tables):
        return ""
    return render_to_string("products/sales/_channels.html", {"tables": tables, **_words(board)})


def items(board: Board) -> str:
    bottom = board.request.GET.get("items") == "bottom"
    tables = []
    for currency in sums.store_first({channel.currency for channel in boards.channels(board)}):
        found = boards.items(board, currency, bottom=bottom, limit=SHOWN)
        rows = [_item_row(board, row) for row in found]
        if rows:
            tables.append({"currency": currency, "rows": rows})
    context = {
        "tables": tables,
        "bottom": bottom,
        "top_url": board.link(items=""),
        "bottom_url": board.link(items="bottom"),
        **_words(board),
    }
    return render_to_string("products/sales/_items.html", context)


def _item_row(board: Board, row: dict[str, Any]) -> dict[str, Any]:
    share = ratio(row["back"], row["gross"], 4)
    return {
        **row,
        "share": share,
        "alarming": share is not None and share > MANY_REFUNDS,
        "url": item_url(row["code"], board.first, board.last, channel=board.channel),
    }


def refund_rate(board: Board) -> str:
    days, before = boards.sold(board), boards.sold_before(board)
    figures = [
        boards.Figure(
            "refund_rate",
            days.total(currency).refund_rate,
            before.total(currency).refund_rate if before else None,
            currency,
            rows_url("refund_rate", board.first, board.last, channel=board.channel),
        )
        for currency in days.currencies
    ]
    if all(figure.value is None for figure in figures):
        return ""
    rows = [
        {
            "title": channel.title,
            "rate": days.total(channel.currency, channel=channel.code).refund_rate,
            "url": rows_url("refund_rate", board.first, board.last, channel=channel.code),
        }
        for channel in boards.channels(board)
    ]
    unripe = board.last > board.today - UNRIPE
    return render_to_string(
        "products/sales/_refund_rate.html", {"figures": figures, "rows": rows, "unripe": unripe, **_words(board)}
    )


def buyers(board: Board) -> str:
    (now, old), before = boards.buyers(board)
    if not now:
        return ""
    then = before or (None, None)
    counts = {
        "buyers": (now, then[0]),
        "new_buyers": (now - old, None if before is None else before[0] - before[1]),
        "old_buyers": (old, then[1]),
    }
    figures = [
        boards.Figure(metric, count, other, url=rows_url(metric, board.first, board.last, channel=board.channel))
        for metric, (count, other) in counts.items()
    ]
    return render_to_string(
        "products/sales/_buyers.html", {"figures": figures, "share": round(old * 100 / now, 1), **_words(board)}
    )


def data(board: Board) -> str:
    end = clock.day_range(board.today)[0]
    missing: dict[int, int] = {}
    for gap in boards.holes(board):
        if gap.day >= board.today - boards.LOOK_BACK:
            missing[gap.channel.pk] = missing.get(gap.channel.pk, 0) + 1
    rows = [
        {
            "channel": channel,
            "late": channel.sells_daily and (channel.data_through is None or channel.data_through < end),
            "gaps": missing.get(channel.pk, 0),
        }
        for channel in boards.channels(board)
    ]
    return render_to_string("products/sales/_data.html", {"rows": rows}) if rows else ""
