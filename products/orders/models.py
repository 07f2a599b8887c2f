from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.catalogue.models import ChannelItem
from products.channels.models import MONEY, Channel
from products.orders.queries import OrderQuerySet
from products.orders.states import OwnFlag, State
from shopops.history.triggers import audited
from shopops.search.pieces import Digits, Pieces

BUYER = ("buyer", "buyer_key", "message", "memo", "note")  # what of an order tells of a person


class Order(models.Model):
    """What a buyer ordered in a channel, as its platform tells it (PP-2)."""

    class Kind(models.TextChoices):
        SALE = "sale", _("Sale")
        EXCHANGE = "exchange", _("Exchange")
        GIFT = "gift", _("Gift")
        TEST = "test", _("Test")
        STOCK_ADJUSTMENT = "stock_adjustment", _("Stock adjustment")
        FINANCE_ADJUSTMENT = "finance_adjustment", _("Finance adjustment")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("channel")
    )
    number = models.CharField(_("order number"), max_length=64)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.SALE)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.UNKNOWN)
    platform_state = models.CharField(_("platform's state"), max_length=80, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.SET_NULL, null=True, related_name="orders", db_index=False, verbose_name=_("buyer")
    )  # the one upward key; null until the batch's buyers are resolved
    buyer = models.CharField(_("buyer's name on the platform"), max_length=120, blank=True)
    buyer_key = models.CharField(max_length=160, blank=True)  # "id:…" or "email:<keyed hash>"; empty: nobody known
    created_at = models.DateTimeField(_("ordered at"))
    paid_at = models.DateTimeField(_("paid at"), null=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    due_at = models.DateTimeField(_("to be shipped by"), null=True)
    source_time = models.DateTimeField(null=True)  # the latest of the row's own times: what is newer
    payable = models.DecimalField(_("payable"), null=True, **MONEY)
    paid = models.DecimalField(_("paid"), null=True, **MONEY)  # by the buyer, before refunds; null: not known
    received = models.DecimalField(_("received"), null=True, **MONEY)
    postage = models.DecimalField(_("postage"), null=True, **MONEY)
    discount_store = models.DecimalField(_("store's discount"), null=True, **MONEY)
    discount_platform = models.DecimalField(_("platform's discount"), null=True, **MONEY)
    stated_refund = models.DecimalField(_("refunded as stated"), null=True, **MONEY)
    goods_paid = models.DecimalField(_("paid for goods"), null=True, **MONEY)
    refunded = models.DecimalField(_("refunded"), default=0, **MONEY)  # Σ successful refunds
    pieces = models.IntegerField(_("pieces"), null=True)
    line_count = models.IntegerField(default=0)
    titles = models.CharField(_("goods"), max_length=500, blank=True)
    province = models.CharField(_("province"), max_length=64, blank=True)
    city = models.CharField(_("city"), max_length=64, blank=True)
    district = models.CharField(_("district"), max_length=64, blank=True)
    message = models.TextField(_("buyer's message"), blank=True)
    memo = models.TextField(_("memo"), blank=True)
    flag = models.CharField(_("flag"), max_length=16, blank=True)
    talent = models.CharField(_("talent"), max_length=80, blank=True)
    # The store's own, which no file knows and no import touches:
    note = models.CharField(_("store's note"), max_length=500, blank=True, default="", db_default="")
    flag_own = models.CharField(_("store's flag"), max_length=8, choices=OwnFlag, blank=True, default="", db_default="")
    notes = ArrayField(models.CharField(max_length=32), default=list)  # created_from_number, check_lines …
    batch = models.ForeignKey("shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False)
    row_no = models.IntegerField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        constraints = [
            models.UniqueConstraint(
                fields=["number", "channel"], name="order_once_per_channel"
            ),  # serves prefix search too
            models.CheckConstraint(name="order_paid_is_not_negative", condition=Q(paid__gte=0) | ~Q(kind="sale")),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
            models.Index(fields=["channel", "-created_at", "-id"], name="order_of_channel"),
            models.Index(fields=["state", "-created_at", "-id"], name="order_in_state"),
            models.Index(fields=["channel", "-paid_at", "-id"], name="order_paid"),
            models.Index(
                fields=["customer", "-created_at", "-id"], name="order_of_customer", condition=Q(customer__isnull=False)
            ),
            models.Index(
                fields=["due_at", "id"],
                name="order_to_ship",
                condition=Q(state__in=("paid", "held", "approved", "in_wave", "packed", "partly_shipped")),
            ),
            models.Index(fields=["-paid_at", "-id"], name="order_by_payment", condition=Q(paid_at__isnull=False)),
            models.Index(
                fields=["province", "-created_at", "-id"], name="order_of_province", condition=~Q(province="")
            ),
            models.Index(fields=["kind", "-created_at", "-id"], name="order_of_kind", condition=~Q(kind="sale")),
            models.Index(fields=["-created_at", "-id"], name="order_refunded", condition=Q(refunded__gt=0)),
            models.Index(fields=["-created_at", "-id"], name="order_noted", condition=~Q(notes=[])),
            models.Index(fields=["flag_own", "-created_at", "-id"], name="order_flagged", condition=~Q(flag_own="")),
            GinIndex(Pieces("buyer"), name="order_buyer_pieces"),
            GinIndex(Digits("buyer"), name="order_buyer_digits"),
            GinIndex(Pieces("memo"), name="order_memo_pieces", condition=~Q(memo="")),
            GinIndex(Pieces("message"), name="order_message_pieces", condition=~Q(message="")),
            GinIndex(Pieces("titles"), name="order_title_pieces", condition=Q(line_count=0)),
            models.Index(
                fields=["channel", "buyer_key"],
                name="order_unresolved",
                condition=Q(customer__isnull=True) & ~Q(buyer_key=""),
            ),
            BrinIndex(fields=["batch"], name="order_of_batch", pages_per_range=16, autosummarize=True),
        ]
        # A deleted order (an import taken back) leaves no person in the history; what changes is told until it is erased.
        triggers = audited(
            inserts=False, ignore=("updated_at",), ignore_first=("customer_id",), secret_once_deleted=BUYER
        )

    def __str__(self) -> str:
        return self.number


# Of a contact the history tells that it changed, never what it was: masks and last digits are personal too.
CONTACT = (
    "name", "name_mask", "phone", "phone_digest", "phone_tail", "phone_mask", "email", "email_digest", "email_mask", "address",
)  # fmt: skip


class OrderContact(models.Model):
    """Who gets an order: personal fields only, apart from everything else (field class personal)."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="contact")
    name = models.BinaryField(_("receiver"), null=True)  # cipher
    name_mask = models.CharField(max_length=64, blank=True)
    phone = models.BinaryField(_("phone"), null=True)  # cipher
    phone_digest = models.BinaryField(null=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    phone_mask = models.CharField(_("phone"), max_length=32, blank=True)
    email = models.BinaryField(_("e-mail"), null=True)  # cipher
    email_digest = models.BinaryField(null=True)
    email_mask = models.CharField(_("e-mail"), max_length=80, blank=True)
    address = models.BinaryField(_("address"), null=True)  # cipher
    batch = models.ForeignKey(
        "shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("contact data")
        indexes = [
            BrinIndex(fields=["batch"], name="contact_of_batch", pages_per_range=16, autosummarize=True),
            models.Index(fields=["phone_tail", "-order"], name="contact_by_tail", condition=~Q(phone_tail="")),
            models.Index(fields=["phone_digest"], name="contact_by_phone", condition=Q(phone_digest__isnull=False)),
        ]
        triggers = audited(inserts=False, key="order_id", secret=CONTACT)


class OrderLine(models.Model):
    """One position of an order (PP-2)."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        CHARGE = "charge", _("Charge")
        GIFT = "gift", _("Gift")
        FREE = "free", _("Free")
        STOCK_ADJUSTMENT = "stock_adjustment", _("Stock adjustment")
        FINANCE_ADJUSTMENT = "finance_adjustment", _("Finance adjustment")

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    key = models.CharField(max_length=64)  # sub-order number, else "#" and the position
    position = models.IntegerField()
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.GOODS)
    item = models.ForeignKey(ChannelItem, models.PROTECT, related_name="lines", db_index=False)
    title = models.CharField(_("title"), max_length=300, blank=True)
    attributes = models.CharField(_("attributes"), max_length=200, blank=True)
    quantity = models.IntegerField(_("pieces"))
    unit_price = models.DecimalField(_("unit price"), null=True, **MONEY)
    amount = models.DecimalField(_("list amount"), null=True, **MONEY)  # list amount
    paid = models.DecimalField(_("paid"), null=True, **MONEY)  # the header's paid split by largest remainder
    given_paid = models.DecimalField(null=True, **MONEY)  # as the file gives it for the line
    stated_refund = models.DecimalField(null=True, **MONEY)  # refunded of this line, as the file states it
    state = models.CharField(_("state"), max_length=80, blank=True)
    batch = models.ForeignKey(
        "shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    row_no = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("order line")
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="line_once_per_order")]
        indexes = [
            models.Index(fields=["item", "-order"], name="line_of_item"),
            models.Index(fields=["key"], name="line_by_number", condition=~Q(key__startswith="#")),
            BrinIndex(fields=["batch"], name="line_of_batch", pages_per_range=32, autosummarize=True),
        ]
        triggers = audited(inserts=False)


class ReplacedContact(models.Model):
    """A contact as it was before an import changed it: history keeps no ciphers, taking the import back needs them."""

    batch = models.ForeignKey("shopops.ImportBatch", models.CASCADE, related_name="+")
    order_id = models.BigIntegerField(db_index=True)
    content = models.JSONField()  # the row; personal values as the ciphers they were

    def __str__(self) -> str:
        return f"{self.order_id}"
