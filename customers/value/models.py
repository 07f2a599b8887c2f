from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.identity.models import Customer
from customers.value.queries import ValueQuerySet
from products.channels.models import MONEY


class CustomerValue(models.Model):
    """A customer's sums in one currency, recomputed from their orders when these change (CS-4)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="values", db_index=False)
    currency = models.CharField(max_length=3)
    orders = models.IntegerField(_("orders"), default=0)
    paid = models.DecimalField(_("paid"), default=0, **MONEY)
    refunded = models.DecimalField(_("refunded"), default=0, **MONEY)
    net = models.DecimalField(_("net"), default=0, **MONEY)
    first_paid_at = models.DateTimeField(_("first order"), null=True)
    last_paid_at = models.DateTimeField(_("last order"), null=True)

    objects = ValueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "currency"], name="value_once_per_currency")]
        indexes = [
            models.Index(fields=["-last_paid_at", "-id"], name="value_by_last"),
            models.Index(fields=["-orders", "-id"], name="value_by_orders"),
            models.Index(fields=["-net", "-id"], name="value_by_net"),
        ]
