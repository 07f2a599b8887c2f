from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from products.catalogue.models import ChannelItem
from products.channels.models import MONEY, Channel
from products.orders.models import Order, OrderLine
from products.refunds.queries import LISTED_AT, RefundQuerySet
from shopops.history.triggers import audited


class Refund(models.Model):
    """Money going back, or asked back, from an order or by a credit note without one (PP-2, CS-3)."""

    class State(models.TextChoices):
        OPEN = "open", _("Asked, unanswered")
        AGREED = "agreed", _("Agreed, goods to come back")
        RETURNED = "returned", _("Goods on the way back")
        REFUSED = "refused", _("Refused")
        CLOSED = "closed", _("Closed")
        SUCCESS = "success", _("Refunded")
        UNKNOWN = "unknown", _("Unknown")

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="refunds", db_index=False)
    number = models.CharField(_("refund number"), max_length=80)  # "~" + order number: the order's stated rest
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="refunds")
    order_number = models.CharField(max_length=64, blank=True)  # as the file names it, found or not
    line = models.ForeignKey(OrderLine, models.SET_NULL, null=True, related_name="refunds")
    buyer_key = models.CharField(max_length=160, blank=True)
    amount = models.DecimalField(_("amount"), **MONEY)
    state = models.CharField(_("state"), max_length=12, choices=State)
    platform_state = models.CharField(_("platform's state"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=12, blank=True)  # money, return, exchange, resend
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    province = models.CharField(_("province"), max_length=64, blank=True)
    requested_at = models.DateTimeField(_("asked at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    due_at = models.DateTimeField(_("to be answered by"), null=True)
    counted_at = models.DateTimeField(
        _("counts on"), null=True
    )  # whose store day it counts on: done_at, else the order's payment
    is_summary = models.BooleanField(default=False)  # the part of the order's stated total no itemised refund explains
    notes = ArrayField(models.CharField(max_length=32), default=list)  # day_from_order …
    source_time = models.DateTimeField(null=True)
    batch = models.ForeignKey("shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False)
    row_no = models.IntegerField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], name="refund_once_per_channel"),
            models.CheckConstraint(name="refund_amount_is_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [
            models.Index(fields=["channel", "-counted_at", "-id"], name="refund_counted"),
            models.Index(fields=["-requested_at", "-id"], name="refund_newest"),
            models.Index(LISTED_AT.desc(), F("id").desc(), name="refund_listed"),
            models.Index("channel", LISTED_AT.desc(), F("id").desc(), name="refund_of_channel"),
            models.Index("state", LISTED_AT.desc(), F("id").desc(), name="refund_in_state"),
            models.Index(fields=["-counted_at", "-id"], name="refund_by_day", condition=Q(counted_at__isnull=False)),
            models.Index(
                LISTED_AT.desc(), F("id").desc(), name="refund_without_order", condition=Q(order__isnull=True)
            ),
            models.Index(fields=["number"], name="refund_by_number"),
            models.Index(
                fields=["state", "due_at", "id"],
                name="refund_open",
                condition=Q(state__in=("open", "agreed", "returned")),
            ),
            models.Index("batch", LISTED_AT.desc(), F("id").desc(), name="refund_of_batch"),
        ]
        triggers = audited(inserts=False)

    def __str__(self) -> str:
        return self.number


class RefundLine(models.Model):
    """What of the goods a refund is for; split over the order's lines where the file does not say."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines", db_index=False)
    position = models.IntegerField()
    item = models.ForeignKey(ChannelItem, models.PROTECT, related_name="refund_lines", db_index=False)
    kind = models.CharField(max_length=20, default="goods")
    quantity = models.IntegerField(default=0)
    amount = models.DecimalField(**MONEY)
    is_split = models.BooleanField(default=False)  # our split, not the file's word
    batch = models.ForeignKey(
        "shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    row_no = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("refund line")
        constraints = [models.UniqueConstraint(fields=["refund", "position"], name="refund_line_once")]
        indexes = [
            models.Index(fields=["item", "-refund"], name="refund_line_of_item"),
            BrinIndex(fields=["batch"], name="refund_line_of_batch", pages_per_range=16, autosummarize=True),
        ]
        triggers = audited(inserts=False)
