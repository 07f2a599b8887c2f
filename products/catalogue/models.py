from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.catalogue.queries import ItemQuerySet, SkuQuerySet
from products.channels.models import MONEY, Channel
from shopops.history.triggers import audited
from shopops.search.pieces import Pieces


class Product(models.Model):
    """A style, SPU (PP-1, PP-4)."""

    code = models.CharField(_("style number"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200)
    category = models.CharField(_("category"), max_length=80, blank=True)
    season = models.CharField(_("season"), max_length=16, blank=True)
    tag_price = models.DecimalField(_("tag price"), null=True, blank=True, **MONEY)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("style")
        triggers = audited()

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Sku(models.Model):
    """A product in one colour and size (PP-4)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="skus", null=True, blank=True)
    code = models.CharField(_("SKU code"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=300)
    colour = models.CharField(_("colour"), max_length=40, blank=True)
    size = models.CharField(_("size"), max_length=40, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SkuQuerySet.as_manager()

    class Meta:
        verbose_name = "SKU"
        indexes = [GinIndex(Pieces("title"), name="sku_title_pieces")]
        triggers = audited()

    def __str__(self) -> str:
        return self.code


class ChannelItem(models.Model):
    """A code a channel sells under; mapped to a SKU now, later or never (PP-2)."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="items")
    code = models.CharField(_("code"), max_length=100)  # normal form; "~" + title hash where a file gives none
    title = models.CharField(_("title"), max_length=300, blank=True)
    platform_item = models.CharField(max_length=64, blank=True)
    sku = models.ForeignKey(
        Sku, models.SET_NULL, null=True, blank=True, related_name="items", verbose_name=_("SKU code")
    )
    is_goods = models.BooleanField(default=True)
    batch = models.ForeignKey("shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel item")
        constraints = [models.UniqueConstraint(fields=["channel", "code"], name="item_once_per_channel")]
        indexes = [
            models.Index(fields=["code", "id"], name="item_by_code"),
            models.Index(fields=["code", "id"], name="item_unmapped", condition=Q(sku__isnull=True)),
            GinIndex(Pieces("title"), name="item_title_pieces"),
        ]
        triggers = audited(inserts=False)

    def __str__(self) -> str:
        return self.code
