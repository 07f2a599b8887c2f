from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """The nightly sales report of one store day (DA-1); exactly one a day, revised when data come late."""

    day = models.DateField(_("day"), unique=True)
    state = models.CharField(max_length=12, default="due")  # due, made
    stale_since = models.DateTimeField(null=True)  # facts of the day changed after the newest revision
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-day"], name="report_newest")]


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


class Subscription(models.Model):
    """Somebody who gets the report by e-mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_subscription")
    created_at = models.DateTimeField(auto_now_add=True)


class Mailing(models.Model):
    """A report mail owed to somebody: at most one per person and revision."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="mailings")
    state = models.CharField(max_length=10, default="pending")  # pending, inflight, sent, unknown, failed
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "revision"], name="mail_once_per_revision")]
