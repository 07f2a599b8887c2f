from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from products.catalogue.models import ChannelItem, Sku
from products.channels.models import Channel
from shopops.access.scopes import channels_of
from shopops.search.registry import Finder, Hit

if TYPE_CHECKING:
    from shopops.accounts.models import User


def _items(user: "User", text: str, limit: int) -> Iterator[Hit]:
    for item in (
        ChannelItem.objects.visible_to(user)
        .found(text, among=channels_of(user, "catalogue.view"))
        .filter(channel__in=Channel.objects.counted())
        .select_related("channel")
        .order_by("code", "id")[:limit]
    ):
        yield Hit(
            item.title or item.code, reverse("catalogue:item", args=[item.pk]), f"{item.code} · {item.channel.title}"
        )


def _skus(user: "User", text: str, limit: int) -> Iterator[Hit]:
    skus = Sku.objects.visible_to(user).found(text)
    for sku in (skus.filter(is_demo=False) if Channel.objects.leave_demo_out() else skus).order_by("code")[:limit]:
        yield Hit(sku.code, reverse("catalogue:sku", args=[sku.pk]), sku.title)


FINDERS = [
    Finder("items", _("Items"), "catalogue.view", "tag", _items, position=40),
    Finder("skus", _("SKUs"), "catalogue.view", "shirt", _skus, position=30),
]
