from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.reports.queries import ReportQuerySet


class Report(models.Model):
    """The nightly sales report of one store day (DA-1); exactly one a day, revised when data come late."""

    class State(models.TextChoices):
        DUE = "due", pgettext_lazy("report", "Due")
        MADE = "made", pgettext_lazy("report", "Made")

    day = models.DateField(_("day"), unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.DUE)
    stale_since = models.DateTimeField(null=True)  # facts of the day changed after the newest revision
    created_at = models.DateTimeField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("nightly report")
        indexes = [
            models.Index(fields=["day"], name="report_open", condition=Q(state="due") | Q(stale_since__isnull=False))
        ]

    def __str__(self) -> str:
        return self.day.isoformat()


class Revision(models.Model):
    """One making of a report: its figures as they were known then."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveSmallIntegerField()
    figures = models.JSONField()
    data_through = models.JSONField(default=dict)  # channel code → time
    made_at = models.DateTimeField()
    seconds = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=64, blank=True)  # "night", "asked", "import:12"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.number}"


class Subscription(models.Model):
    """Somebody who gets the report by e-mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_subscription")
    created_at = models.DateTimeField(auto_now_add=True)


class Mailing(models.Model):
    """A report mail owed to somebody: at most one per person and revision."""

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("mail", "To be sent")
        INFLIGHT = "inflight", pgettext_lazy("mail", "Being sent")
        SENT = "sent", pgettext_lazy("mail", "Sent")
        UNKNOWN = "unknown", pgettext_lazy("mail", "Result unknown")
        FAILED = "failed", pgettext_lazy("mail", "Refused by the mail server")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="mailings")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)  # connections that failed before anything was sent
    not_before = models.DateTimeField(null=True)
    inflight_at = models.DateTimeField(null=True)  # committed before the mail server hears of it
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "revision"], name="mail_once_per_revision")]
        indexes = [
            models.Index(fields=["state", "user"], name="mail_open", condition=Q(state__in=("pending", "inflight")))
        ]
