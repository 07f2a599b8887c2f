from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Min, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from products.channels.models import Channel
from products.refunds.models import Refund
from shopops import clock
from shopops.dashboard.board import Board
from shopops.dashboard.registry import Column, Need, Needs, Section
from shopops.money import ratio
from shopops.ui import formats

REASONS = 10


def reasons(day: date, shared: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The day's refunds by the buyers' reasons; an index range of one day."""
    first, end = clock.day_range(day)
    rows = (
        Refund.objects.counted()
        .filter(channel__in=Channel.objects.counted(), counted_at__gte=first, counted_at__lt=end)
        .values("reason", currency=F("channel__currency"))
        .annotate(count=Count("pk"), money=Sum("amount"))
        .order_by("-money", "reason")
    )
    tables = []
    for currency in sorted({row["currency"] for row in rows}):
        mine = [row for row in rows if row["currency"] == currency]
        tables.append({"currency": currency, "rows": _rows(mine)})
    return tables or None


def _rows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    whole = sum((row["money"] for row in found), Decimal(0))
    shown, rest = found[:REASONS], found[REASONS:]
    rows = [
        {
            "reason": row["reason"] or "none",
            "count": row["count"],
            "amount": str(row["money"]),
            "share": _share(row["money"], whole),
        }
        for row in shown
    ]
    if rest:
        money = sum((row["money"] for row in rest), Decimal(0))
        rows.append(
            {
                "reason": "others",
                "count": sum(row["count"] for row in rest),
                "amount": str(money),
                "share": _share(money, whole),
            }
        )
    return [
        *rows,
        {
            "reason": "all",
            "count": sum(row["count"] for row in found),
            "amount": str(whole),
            "share": None,
            "total": True,
        },
    ]


def _share(money: Decimal, whole: Decimal) -> str | None:
    share = ratio(money, whole, 4)
    return None if share is None else str(share)


def _behind(day: date, row: dict[str, Any], key: str) -> tuple[str, str]:
    """Return (metric, address of its rows) of a cell of the reasons."""
    if key not in {"count", "amount"} or row["reason"] == "others":
        return "", ""
    reason = {} if row["reason"] == "all" else {"reason": row["reason"]}
    query = {"counted_from": day.isoformat(), "counted_to": day.isoformat(), "counts": "1", **reason}
    return ("refunds" if key == "amount" else "refund_count"), f"{reverse('refunds:list')}?{urlencode(query)}"


def unanswered(board: Board) -> Iterator[Need]:
    """Refunds asked for and not answered; served by ``refund_open``."""
    waiting = Refund.objects.visible_to(board.user).filter(
        state=Refund.State.OPEN, channel__in=Channel.objects.counted()
    )
    found = waiting.aggregate(
        count=Count("pk"), oldest=Min("requested_at"), late=Count("pk", filter=Q(due_at__lt=board.now))
    )
    words = ngettext("%(count)s refund is unanswered", "%(count)s refunds are unanswered", found["count"])
    sentence = words % {"count": formats.number(found["count"])}
    if found["late"]:
        late = ngettext("%(count)s past its time", "%(count)s past their time", found["late"]) % {
            "count": formats.number(found["late"])
        }
        sentence = f"{sentence} · {late}"
    url = f"{reverse('refunds:list')}?state=open"
    yield Need(
        "refunds", sentence, found["count"], found["oldest"], "service_agent", url, "bad" if found["late"] else "warn"
    )


NEEDS = [Needs("refunds.view", unanswered)]
SECTIONS = [
    Section(
        "refunds",
        _("Refunds and their reasons"),
        70,
        [
            Column("reason", _("Reason"), "word"),
            Column("count", _("Refunds"), "count"),
            Column("amount", _("Amount"), "money", strong=True),
            Column("share", _("Share"), "rate"),
        ],
        reasons,
        rows_of=_behind,
        note=_("Done on this day; refunds without a time of their own count on the day of their order's payment."),
        names={"none": _("No reason given"), "others": _("Other reasons"), "all": _("All refunds")},
    )
]
