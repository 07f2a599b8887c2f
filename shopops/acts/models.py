from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shopops.acts.queries import ActQuerySet
from shopops.jobs.models import Job

BULK: Final = "bulk"  # the word before its number in the history's source


class Act(models.Model):
    """What one person did and may take back: one save, or one act over many rows.

    The values before are those of the history rows its ``source`` names.
    """

    kind = models.CharField(_("what"), max_length=48)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("time"))
    url = models.CharField(max_length=200, blank=True)  # where to go when it is undone
    values = models.JSONField(default=dict)  # what was chosen; never personal data
    scope = models.CharField(max_length=500, blank=True)  # the filters of its list, without what was searched for
    rows = models.IntegerField(_("rows"), default=0)  # as confirmed
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")  # null: a single save
    undo_job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act")
        indexes = [models.Index(fields=["at"], name="act_single", condition=Q(job__isnull=True))]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def source(self) -> str:
        """How the history calls it."""
        return f"{BULK if self.rows else 'act'}:{self.pk}"


class Block(models.Model):
    """Some rows of a bulk act that are written together, or not at all."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="blocks")
    number = models.IntegerField()
    ids = ArrayField(models.BigIntegerField())
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    failures = models.JSONField(default=dict)  # row id → why it was left as it was

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "number"], name="block_once_per_act")]
