from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shopops.history.triggers import audited


class Erasure(models.Model):
    """One person removed from the store: when, by whom, how many rows of which kind; nothing of the person."""

    key = models.CharField(max_length=32, unique=True)  # random; names it in the journal outside the database
    at = models.DateTimeField(_("erased at"))
    counts = models.JSONField(default=dict)  # {code of the data: rows}
    replayed = models.BooleanField(_("done again after a restore"), default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("erasure")
        triggers = audited()

    def __str__(self) -> str:
        return f"#{self.pk}"


class Suppression(models.Model):
    """Somebody who must not come back by a file, known by a keyed hash alone (promise P16)."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("Buyer on a platform")
        ORDER = "order", _("Order number")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        MARKETING = "marketing", _("No advertising")

    kind = models.CharField(max_length=12, choices=Kind)
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()  # what was ordered up to then comes without the person
    erasure = models.ForeignKey(Erasure, models.PROTECT, null=True, related_name="suppressions")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "digest"], name="suppressed_once")]
        triggers = audited()


class KeepDays(models.Model):
    """How long a class of data is kept, where people decided otherwise than the program does."""

    code = models.CharField(max_length=40, unique=True)  # of the rule (keeping.Retention)
    days = models.PositiveIntegerField(_("days"))
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("days data are kept")
        triggers = audited()

    def __str__(self) -> str:
        return self.code


class KeepRun(models.Model):
    """One night's clearing of one class of data: how much went."""

    code = models.CharField(max_length=40)
    day = models.DateField()  # the store day it ran for
    at = models.DateTimeField()
    removed = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "day"], name="kept_once_a_night")]
        indexes: ClassVar = [models.Index(fields=["code", "-at"], name="kept_lately")]
