from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One unit of background work: PostgreSQL's truth, whatever the broker forgets."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=64)  # dotted name of the function that does it
    key = models.CharField(max_length=200)  # what it is about; once per kind
    queue = models.CharField(max_length=16, default="default")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    arguments = models.JSONField(default=dict)  # ids only, never personal data
    phase = models.CharField(max_length=32, blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    fence = models.BigIntegerField(default=0)  # grows with each claim; a former holder's writes fail
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="job_once_per_kind_and_key")]
        indexes = [
            models.Index(fields=["queue", "id"], name="job_open", condition=Q(state__in=("queued", "running"))),
            models.Index(fields=["-created_at", "-id"], name="job_newest"),
            models.Index(fields=["finished_at"], name="job_failed", condition=Q(state="failed")),
        ]


class Outbox(models.Model):
    """A wake-up call for a worker, written with the change that needs it."""

    task = models.CharField(max_length=100)
    arguments = models.JSONField(default=list)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="outbox_unsent", condition=Q(sent_at__isnull=True))]


class Tick(models.Model):
    """The last sign of life of a queue's worker, or of beat."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
