"""Day roll-ups of the sales facts: pages read these, never orders. Always rebuildable from facts.

Their keys bear no constraints in the database: checking them took a tenth of an import, and every row
is made from rows whose keys are checked.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from products.catalogue.models import ChannelItem
from products.channels.models import MONEY, Channel
from shopops.history.triggers import audited

SUM = {"default": 0, **MONEY}


class SalesDay(models.Model):
    """Sums of one channel and store day, by payment or by creation (DA-1).

    ``refunds`` counts on the refund's own day (basis paid only); ``refunds_of_orders`` goes back
    to the day of the orders.
    """

    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False, db_constraint=False)
    day = models.DateField()
    basis = models.CharField(max_length=8)  # paid, created
    orders = models.IntegerField(default=0)  # with paid > 0
    created = models.IntegerField(default=0)  # orders created (basis created)
    unpaid = models.IntegerField(default=0)  # of those, never paid
    payable = models.DecimalField(**SUM)
    paid = models.DecimalField(**SUM)
    goods_paid = models.DecimalField(**SUM)  # of orders whose pieces are known
    goods_pieces = models.IntegerField(default=0)
    pieces = models.IntegerField(default=0)
    known_orders = models.IntegerField(default=0)  # orders whose buyer is known
    known_paid = models.DecimalField(**SUM)  # their money
    buyers = models.IntegerField(default=0)  # distinct known buyers of the channel's day
    refunds = models.DecimalField(**SUM)
    refund_count = models.IntegerField(default=0)
    refunds_without_order = models.DecimalField(**SUM)
    refunds_of_orders = models.DecimalField(**SUM)
    refunded_orders = models.IntegerField(default=0)
    unknown_paid = models.IntegerField(default=0)  # orders paid whose amount the file does not give
    unknown_pieces = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "basis", "day"], name="sales_day_once")]
        indexes = [models.Index(fields=["basis", "day"], name="sales_day_by_day")]


class SkuDay(models.Model):
    """Sums of one item, channel and store day: gross by payment, refunds on their own day (DA-1)."""

    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False, db_constraint=False)
    item = models.ForeignKey(ChannelItem, models.CASCADE, db_index=False, db_constraint=False)
    day = models.DateField()
    orders = models.IntegerField(default=0)
    pieces = models.IntegerField(default=0)
    paid = models.DecimalField(**SUM)
    refunds = models.DecimalField(**SUM)
    refund_pieces = models.IntegerField(default=0)
    refunds_of_orders = models.DecimalField(**SUM)
    refunds_without_order = models.DecimalField(**SUM)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "day", "item"], name="sku_day_once")]
        indexes = [
            models.Index(fields=["day", "channel"], name="sku_day_by_day"),
            models.Index(fields=["item", "day"], name="sku_day_of_item"),
        ]


class PlaceHourDay(models.Model):
    """Sums of one channel, store day, hour and province, by payment or creation (DA-1)."""

    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False, db_constraint=False)
    day = models.DateField()
    basis = models.CharField(max_length=8)
    hour = models.PositiveSmallIntegerField()
    province = models.CharField(max_length=64, blank=True)
    orders = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    unpaid = models.IntegerField(default=0)
    payable = models.DecimalField(**SUM)
    paid = models.DecimalField(**SUM)
    goods_paid = models.DecimalField(**SUM)
    goods_pieces = models.IntegerField(default=0)
    pieces = models.IntegerField(default=0)
    refunds = models.DecimalField(**SUM)
    refunds_without_order = models.DecimalField(**SUM)
    refunds_of_orders = models.DecimalField(**SUM)
    refunded_orders = models.IntegerField(default=0)
    unknown_paid = models.IntegerField(default=0)
    unknown_pieces = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "basis", "day", "hour", "province"], name="place_hour_day_once")
        ]
        indexes = [models.Index(fields=["basis", "day"], name="place_hour_by_day")]


class BuyerDay(models.Model):
    """One known buyer's paying orders on one store day, over all channels of a currency-free count (DA-1)."""

    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False, db_constraint=False)
    customer_id = models.BigIntegerField()  # of customers.Customer, which stands above this app
    day = models.DateField()
    orders = models.IntegerField(default=0)
    effective_orders = models.IntegerField(default=0)  # not refunded in full
    paid = models.DecimalField(**SUM)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "day", "channel"], name="buyer_day_once")]
        indexes = [models.Index(fields=["day", "channel", "customer_id"], name="buyer_day_by_day")]


class BuyersOfPeriod(models.Model):
    """Distinct buyers of a period, stored because they do not add up (DA-1)."""

    channel = models.ForeignKey(Channel, models.CASCADE, null=True, db_index=False)  # null: all channels
    kind = models.CharField(max_length=8)  # day week month quarter year last7 last30 last90 last365 to01 … to31
    first_day = models.DateField()
    last_day = models.DateField()
    buyers = models.IntegerField(default=0)
    old_buyers = models.IntegerField(default=0)  # paid in the 365 days before the first day
    repeat_buyers = models.IntegerField(default=0)  # two or more effective orders inside
    effective_buyers = models.IntegerField(default=0)  # one or more effective orders inside

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first_day", "channel"], name="buyers_once_per_period", nulls_distinct=False
            )
        ]


class DirtyDay(models.Model):
    """A channel's store day whose roll-ups no longer tell the facts."""

    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False)
    day = models.DateField()
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="dirty_day_once")]


class DayNote(models.Model):
    """What people should know of a day: shown on charts and reports (DA-1)."""

    day = models.DateField(_("day"), unique=True)
    text = models.CharField(_("note"), max_length=200)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("day note")
        triggers = audited()


class SalesPlan(models.Model):
    """The month's planned net sales with a weight for each day (MK-1)."""

    month = models.DateField(_("month"))  # its first day
    currency = models.CharField(max_length=3, default="CNY")
    amount = models.DecimalField(_("amount"), **MONEY)
    weights = models.JSONField(_("weights"), default=list)  # one decimal string per day; empty: every day alike
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("sales plan")
        constraints = [models.UniqueConstraint(fields=["month", "currency"], name="plan_once_per_month")]
        triggers = audited()
