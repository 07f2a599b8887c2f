from django.db import models
from django.utils.translation import gettext_lazy as _

from products.orders.models import Order
from shopops.history.triggers import audited


class Shipment(models.Model):
    """A parcel of an order (PP-2)."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="shipments", db_index=False)
    waybill = models.CharField(_("waybill"), max_length=64)
    courier = models.CharField(_("courier"), max_length=64, blank=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    batch = models.ForeignKey("shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("parcel")
        constraints = [models.UniqueConstraint(fields=["order", "waybill"], name="waybill_once_per_order")]
        indexes = [models.Index(fields=["waybill", "-order"], name="shipment_by_waybill")]
        triggers = audited(inserts=False)

    def __str__(self) -> str:
        return self.waybill
