"""How orders are found by a text: number, last four digits, goods, buyer, memo. Each finder looks at
some thousand candidates at most, so that a common word costs what a rare one does. ``among`` are the channels
that are searched (None: all): the candidates are of these, or the orders of a small channel would be missed.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from products.catalogue.models import ChannelItem
from products.channels.models import Channel
from products.orders.models import Order, OrderContact, OrderLine
from products.orders.tables import shown_buyer
from shopops.access.scopes import of_channels
from shopops.search.pieces import containing, searched, typed
from shopops.search.registry import Finder, Hit

if TYPE_CHECKING:
    from shopops.accounts.models import User

CANDIDATES: Final = 2000
Among: TypeAlias = Collection[int] | None


def by_number(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders whose number begins with the text."""
    plain = typed(text)
    if not plain:
        return None
    starts = Q(number__startswith=plain) | Q(number__startswith=plain.upper())
    return of_channels(Order.objects.filter(starts), among).values("pk")[:CANDIDATES]


def by_tail(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders whose phone ends in these four digits, newest first; served by ``contact_by_tail``."""
    plain = searched(text)
    if len(plain) != 4 or not (plain.isascii() and plain.isdigit()):
        return None
    contacts = of_channels(OrderContact.objects.filter(phone_tail=plain), among, channel="order__channel")
    return contacts.order_by("-order").values("order")[:CANDIDATES]


def by_goods(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders with goods of this code, SKU or title; served by ``line_of_item``."""
    if len(searched(text)) < 2:
        return None
    items = of_channels(ChannelItem.objects.all(), among).found(text, among=among).values("pk")
    return OrderLine.objects.filter(item__in=items).values("order")[:CANDIDATES]


def by_title(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders known only by their header, whose goods' titles contain the text."""
    return containing(of_channels(Order.objects.all(), among), "titles", searched(text), Q(line_count=0)).values("pk")[
        :CANDIDATES
    ]


def by_buyer(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders whose buyer's name on the platform contains the text; names may hold numbers."""
    return containing(of_channels(Order.objects.all(), among), "buyer", searched(text), digits=True).values("pk")[
        :CANDIDATES
    ]


def by_whole_buyer(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders of the buyer of this name on the platform."""
    orders = of_channels(Order.objects.all(), among)
    return containing(orders, "buyer", searched(text), digits=True, whole=True).values("pk")[:CANDIDATES]


def by_memo(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders whose memo contains the text."""
    return containing(of_channels(Order.objects.all(), among), "memo", searched(text), ~Q(memo="")).values("pk")[
        :CANDIDATES
    ]


def by_message(text: str, among: Among) -> QuerySet[Any] | None:
    """Orders whose buyer's message contains the text."""
    return containing(of_channels(Order.objects.all(), among), "message", searched(text), ~Q(message="")).values("pk")[
        :CANDIDATES
    ]


ORDER_FINDERS = [by_number, by_tail, by_goods, by_title, by_memo, by_message]
NAME_FINDERS = [by_buyer]
WHOLE_NAME_FINDERS = [by_whole_buyer]


def _orders(user: "User", text: str, limit: int) -> Iterator[Hit]:
    orders = (
        Order.objects.visible_to(user)
        .found(text, user)
        .filter(channel__in=Channel.objects.counted())
        .select_related("channel", "contact")
        .order_by("-created_at", "-id")
    )
    for order in orders[:limit]:
        note = f"{order.channel.title} · {shown_buyer(order)} · {order.get_state_display()}"
        yield Hit(order.number, reverse("orders:order", args=[order.pk]), note)


FINDERS = [Finder("orders", _("Orders"), "orders.view", "receipt", _orders, position=10)]
