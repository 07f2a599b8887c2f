from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from products.channels.models import Channel
from products.orders.models import Order
from products.orders.queries import NEAR, TO_SHIP, imports_visible_to, unmended
from products.orders.states import State
from shopops.dashboard.board import Board
from shopops.dashboard.registry import Column, Need, Needs, Section
from shopops.exchange.models import ImportBatch
from shopops.ui import formats

COUNTED_AT_MOST: Final = 10_000


def late_to_ship(day: date, shared: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Paid orders past their time to ship, or near it, at the moment of making; served by ``order_to_ship``."""
    now = shared["now"]
    rows = (
        Order.objects.filter(
            state__in=TO_SHIP, due_at__lte=now + timedelta(hours=24), channel__in=Channel.objects.counted()
        )
        .values("channel__title")
        .annotate(
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            soon=Count("pk", filter=Q(due_at__gte=now)),
            oldest=Min("due_at"),
        )
        .order_by("-overdue", "channel__title")
    )
    found = [
        {
            "title": row["channel__title"],
            "overdue": row["overdue"],
            "soon": row["soon"],
            "oldest": row["oldest"].isoformat(),
        }
        for row in rows
    ]
    return [{"currency": "", "rows": found}] if found else None


def deadlines(board: Board) -> Iterator[Need]:
    """Paid orders past their time to ship, and those near it; served by ``order_to_ship``."""
    waiting = Order.objects.visible_to(board.user).filter(
        state__in=TO_SHIP, channel__in=Channel.objects.counted(), due_at__lte=board.now + NEAR
    )
    found = waiting.aggregate(
        late=Count("pk", filter=Q(due_at__lt=board.now)),
        oldest=Min("due_at"),
        near=Count("pk", filter=Q(due_at__gte=board.now)),
        next=Min("due_at", filter=Q(due_at__gte=board.now)),
    )
    url = f"{reverse('orders:list')}?tab=to_ship"
    words = ngettext("%(count)s order past its time to ship", "%(count)s orders past their time to ship", found["late"])
    yield Need(
        "overdue",
        words % {"count": formats.number(found["late"])},
        found["late"],
        found["oldest"],
        "warehouse_clerk",
        f"{url}&overdue=1",
        "bad",
    )
    words = ngettext("%(count)s order to ship within 4 hours", "%(count)s orders to ship within 4 hours", found["near"])
    yield Need(
        "near",
        words % {"count": formats.number(found["near"])},
        found["near"],
        None,
        "warehouse_clerk",
        f"{url}&soon=1",
    )


def unpaid(board: Board) -> Iterator[Need]:
    """Orders that wait for their payment; counted up to ten thousand."""
    waiting = Order.objects.visible_to(board.user).filter(state=State.UNPAID, channel__in=Channel.objects.counted())
    count = waiting[: COUNTED_AT_MOST + 1].count()
    if count:
        oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
        words = ngettext("%(count)s order waits for payment", "%(count)s orders wait for payment", count)
        yield Need(
            "unpaid",
            words % {"count": formats.capped(count, COUNTED_AT_MOST)},
            count,
            oldest,
            "service_agent",
            f"{reverse('orders:list')}?tab=unpaid",
        )


def imports(board: Board) -> Iterator[Need]:
    """Files refused or broken off lately that nobody has imported since."""
    wrong = unmended(imports_visible_to(board.user), board.now)
    for row in (
        wrong.values("state")
        .annotate(count=Count("pk"), oldest=Min("created_at"), name=Min("upload__name"))
        .order_by("state")
    ):
        words = (
            ngettext(
                "%(count)s file was refused, nothing of it is counted: %(name)s",
                "%(count)s files were refused, nothing of them is counted: %(name)s",
                row["count"],
            )
            if row["state"] == ImportBatch.State.REFUSED
            else ngettext(
                "%(count)s import broke off, nothing of it is counted: %(name)s",
                "%(count)s imports broke off, nothing of them is counted: %(name)s",
                row["count"],
            )
        )
        url = f"{reverse('orders:imports')}?state={row['state']}&unmended=1"
        yield Need(
            f"import_{row['state']}",
            words % (row | {"name": row["name"] + (" …" if row["count"] > 1 else "")}),
            row["count"],
            row["oldest"],
            "warehouse_clerk",
            url,
            "bad",
        )


NEEDS = [Needs("orders.view", deadlines), Needs("orders.view", unpaid), Needs("orders.view", imports)]
SECTIONS = [
    Section(
        "late",
        gettext_lazy("Late to ship"),
        100,
        [
            Column("title", gettext_lazy("Channel")),
            Column("overdue", gettext_lazy("Past the time"), "count", strong=True),
            Column("soon", gettext_lazy("Within 24 hours"), "count"),
            Column("oldest", gettext_lazy("Oldest deadline"), "moment"),
        ],
        late_to_ship,
        note=gettext_lazy("Paid orders not shipped when the report was made."),
        live=True,
    )
]
