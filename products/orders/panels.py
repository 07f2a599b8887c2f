from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from django.utils.translation import gettext_lazy as _

from products.channels.models import Channel
from products.orders.models import Order
from products.orders.queries import TO_SHIP
from shopops.dashboard.registry import Column, Section


def late_to_ship(day: date, shared: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Paid orders past their time to ship, or near it, at the moment of making; served by ``order_to_ship``."""
    now = shared["now"]
    rows = (
        Order.objects.filter(state__in=TO_SHIP, due_at__lte=now + timedelta(hours=24), channel__in=Channel.objects.counted())
        .values("channel__title")
        .annotate(overdue=Count("pk", filter=Q(due_at__lt=now)), soon=Count("pk", filter=Q(due_at__gte=now)), oldest=Min("due_at"))
        .order_by("-overdue", "channel__title")
    )
    found = [
        {"title": row["channel__title"], "overdue": row["overdue"], "soon": row["soon"], "oldest": row["oldest"].isoformat()}
        for row in rows
    ]
    return [{"currency": "", "rows": found}] if found else None


SECTIONS = [
    Section(
        "late",
        _("Late to ship"),
        100,
        [
            Column("title", _("Channel")),
            Column("overdue", _("Past the time"), "count", strong=True),
            Column("soon", _("Within 24 hours"), "count"),
            Column("oldest", _("Oldest deadline"), "moment"),
        ],
        late_to_ship,
        note=_("Paid orders not shipped when the report was made."),
        live=True,
    )
]
