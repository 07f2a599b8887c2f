from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext_lazy as _

from products.channels.models import Channel
from products.refunds.models import Refund
from shopops import clock
from shopops.dashboard.registry import Column, Section
from shopops.money import ratio

REASONS = 10


def reasons(day: date, shared: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The day's refunds by the buyers' reasons; an index range of one day."""
    first, end = clock.day_range(day)
    rows = (
        Refund.objects.filter(channel__in=Channel.objects.counted(), state=Refund.State.SUCCESS, counted_at__gte=first, counted_at__lt=end)
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
    rows = [{"reason": row["reason"] or "none", "count": row["count"], "amount": str(row["money"]), "share": _share(row["money"], whole)} for row in shown]
    if rest:
        money = sum((row["money"] for row in rest), Decimal(0))
        rows.append({"reason": "others", "count": sum(row["count"] for row in rest), "amount": str(money), "share": _share(money, whole)})
    return [*rows, {"reason": "all", "count": sum(row["count"] for row in found), "amount": str(whole), "share": None, "total": True}]


def _share(money: Decimal, whole: Decimal) -> str | None:
    share = ratio(money, whole, 4)
    return None if share is None else str(share)


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
        note=_("Done on this day; refunds without a time of their own count on the day of their order's payment."),
        names={"none": _("No reason given"), "others": _("Other reasons"), "all": _("All refunds")},
    )
]
