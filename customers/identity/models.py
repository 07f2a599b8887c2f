from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.identity.queries import CustomerQuerySet, IdentityQuerySet
from shopops.access.personal import mask_name
from shopops.history.triggers import audited
from shopops.search.pieces import Pieces


def shown_name(name: str, pk: int) -> str:
    """A person as pages and files show them: the name masked, else a number."""
    return mask_name(name) or f"#{pk}"


class Customer(models.Model):
    """One person who bought, across channels (CS-2, CS-4)."""

    name = models.CharField(_("name"), max_length=120, blank=True)  # the platform's name of the buyer
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    is_demo = models.BooleanField(default=False)
    erased_at = models.DateTimeField(_("erased at"), null=True)  # an empty shell since: counted, known to nobody
    batch = models.ForeignKey("shopops.ImportBatch", models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        indexes = [GinIndex(Pieces("name"), name="customer_name_pieces")]
        triggers = audited(inserts=False, secret=("name",))

    def __str__(self) -> str:
        return shown_name(self.name, self.pk)

    def get_absolute_url(self) -> str:
        return reverse("value:customer", args=[self.pk])


class Identity(models.Model):
    """A name under which a platform or a shop knows a customer (CS-4)."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="identities")
    scope = models.CharField(max_length=48)  # the platform, or "channel:<code>" for own sites
    key = models.CharField(max_length=160)  # "id:…" or "email:<keyed hash>"
    label = models.CharField(_("known as"), max_length=120, blank=True)  # as shown; masked where personal

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="identity_is_one_person")]
        triggers = audited(inserts=False, secret=("key", "label"))


class Merge(models.Model):
    """Two persons found to be one: what moved, so that it can be taken back (CS-4)."""

    kept = models.ForeignKey(Customer, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    moved = models.JSONField()  # {"identities": [ids], "orders": [ids]}
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("merge of two customers")
        constraints = [
            models.UniqueConstraint(fields=["gone"], name="customer_merged_once", condition=Q(undone_at__isnull=True)),
        ]
        triggers = audited()
