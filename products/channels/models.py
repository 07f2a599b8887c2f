from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from products.channels.queries import ChannelQuerySet
from shopops.history.triggers import audited

MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 4}  # exactly as the source gives it


class Channel(models.Model):
    """A shop on a platform (PP-2)."""

    class Platform(models.TextChoices):
        TAOBAO = "taobao", _("Taobao / Tmall")
        JD = "jd", _("JD")
        PDD = "pdd", _("Pinduoduo")
        DOUYIN = "douyin", _("Douyin")
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"
        SITE = "site", _("Own site or other")

    code = models.SlugField(_("code"), max_length=32, unique=True)
    title = models.CharField(_("title"), max_length=80)
    platform = models.CharField(_("platform"), max_length=16, choices=Platform, default=Platform.SITE)
    shop_names = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name=_("shop names in files")
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone of times without one"), max_length=40, default="Asia/Shanghai")
    sells_daily = models.BooleanField(_("sells every day"), default=True)
    closed_weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("closed weekdays")
    )  # Monday = 0
    ship_hours = models.PositiveSmallIntegerField(_("hours to ship after payment"), default=48)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False)
    data_from = models.DateTimeField(null=True, blank=True)  # earliest order of any import
    data_through = models.DateTimeField(_("data through"), null=True, blank=True)  # newest time seen in any import
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        triggers = audited(ignore=("updated_at", "data_from", "data_through"))

    def __str__(self) -> str:
        return self.title

    @property
    def identity_scope(self) -> str:
        """Where a buyer id is one person: the platform, or this shop alone."""
        closed = {"taobao", "jd", "pdd", "douyin"}
        return self.platform if self.platform in closed else f"channel:{self.code}"


class ChannelSpan(models.Model):
    """The days one import covers in a channel: inside them a day without orders is 0, outside a gap."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="spans")
    batch = models.ForeignKey("shopops.ImportBatch", models.CASCADE, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "batch"], name="span_once_per_batch")]
