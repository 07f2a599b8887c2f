from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from shopops.access.scopes import in_channels, of_channels
from shopops.search.pieces import any_of, containing, searched

if TYPE_CHECKING:
    from products.catalogue.models import ChannelItem, Sku  # noqa: F401 - the class of rows below
    from shopops.accounts.models import User

FOUND_AT_MOST = 200  # goods looked at for one search text


class ItemQuerySet(models.QuerySet["ChannelItem"]):
    def visible_to(self, user: "User") -> Self:
        return in_channels(self, user, "catalogue.view")

    def for_list(self) -> Self:
        """By code; pk makes pages stable. Served by ``item_by_code``."""
        return self.select_related("channel", "sku").order_by("code", "id")

    def unmapped(self) -> Self:
        """Not yet mapped to a SKU; served by ``item_unmapped``."""
        return self.filter(sku__isnull=True)

    def sold_as(self, code: str) -> Self:
        """The items sales group under ``code``: those of the SKU, and unmapped ones of that code."""
        return self.filter(Q(sku__code=code) | Q(sku__isnull=True, code=code))

    def found(self, text: str, *, among: Collection[int] | None) -> Self:
        """Items whose code begins with ``text``, whose SKU's does, or whose title contains it; at most a few hundred.

        ``among``: the ids of the channels that are searched (None: all).
        """
        plain = searched(text)
        if not plain:
            return self.none()
        every = of_channels(self.model._default_manager.all(), among)
        by_code = every.filter(code__startswith=plain.upper()).values("pk")[:FOUND_AT_MOST]
        by_sku = every.filter(sku__code__startswith=plain.upper()).values("pk")[:FOUND_AT_MOST]
        by_title = containing(every, "title", plain).values("pk")[:FOUND_AT_MOST]
        return self.filter(pk__in=any_of(by_code, by_sku, by_title))


class SkuQuerySet(models.QuerySet["Sku"]):
    def visible_to(self, user: "User") -> Self:
        return self if user.has_perm("catalogue.view") else self.none()

    def for_list(self) -> Self:
        """By code (unique)."""
        return self.select_related("product").order_by("code")

    def found(self, text: str) -> Self:
        """SKUs whose code begins with ``text`` or whose title contains it; at most a few hundred."""
        plain = searched(text)
        if not plain:
            return self.none()
        every = self.model._default_manager
        by_code = every.filter(code__startswith=plain.upper()).values("pk")[:FOUND_AT_MOST]
        by_title = containing(every.all(), "title", plain).values("pk")[:FOUND_AT_MOST]
        return self.filter(pk__in=any_of(by_code, by_title))
