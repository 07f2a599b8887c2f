from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shopops.jobs.models import Job
from shopops.words import read


class Upload(models.Model):
    """A file somebody brought, kept encrypted for a while."""

    sha256 = models.BinaryField(max_length=32)
    name = models.CharField(_("file name"), max_length=255)
    size = models.BigIntegerField(_("size"))  # bytes
    path = models.CharField(max_length=255, blank=True)  # below MEDIA_ROOT; empty once removed
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="upload_by_content")]


class ImportBatch(models.Model):
    """One file brought into one channel: what was found in it and what became of it (PP-2)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CHECKING = "checking", _("Checking")
        CHECKED = "checked", _("Ready to import")
        IMPORTING = "importing", _("Importing")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        INTERRUPTED = "interrupted", _("Interrupted")
        UNDONE = "undone", _("Taken back")

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="batches")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="batches")
    kind = models.CharField(max_length=32, default="orders")
    channel_code = models.CharField(_("channel"), max_length=32)
    position = models.PositiveSmallIntegerField(default=0)  # order within one job
    format = models.CharField(_("format"), max_length=40, blank=True)
    mapping = models.JSONField(null=True, blank=True)
    format_version = models.CharField(max_length=64, blank=True)  # of format and mapping
    sheet = models.CharField(max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    skip_bad = models.BooleanField(default=False)
    on_tie = models.CharField(max_length=4, default="take")  # or "keep"
    confirmed = models.BooleanField(default=False)  # order numbers known elsewhere were accepted
    dry_run = models.BooleanField(default=False)
    reading = models.JSONField(default=dict)  # encoding, delimiter, header row, columns
    counts = models.JSONField(default=dict)  # rows, orders, new, changed, equal, refused …
    notices = models.JSONField(default=list)  # [{code, message, …}]
    refusal = models.JSONField(null=True, blank=True)  # why the whole file was refused
    data_from = models.DateTimeField(null=True)
    data_through = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    merged_at = models.DateTimeField(null=True)  # set by the merge's own transaction
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import")
        indexes = [
            models.Index(fields=["channel_code", "-created_at", "-id"], name="batch_of_channel"),
            models.Index(fields=["-created_at", "-id"], name="batch_newest"),
            models.Index(fields=["upload", "state"], name="batch_of_upload"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ImportReject(models.Model):
    """A refused row: where, what, why, and the row itself to be mended and imported again."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rejects")
    row_no = models.BigIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=100, blank=True)
    value = models.CharField(_("value"), max_length=64, blank=True)  # excerpt; masked where personal
    code = models.CharField(max_length=40)
    message = models.TextField(_("reason"))  # in the language of whoever did the work
    said = models.JSONField(default=dict)  # the same in each language, by its code
    cells = models.BinaryField(null=True)  # the row as it stood, encrypted

    class Meta:
        indexes = [models.Index(fields=["batch", "row_no", "id"], name="reject_of_batch")]

    @property
    def reason(self) -> str:
        """Why the row was refused, in the reader's language."""
        return read(self.message, self.said)


class SavedMapping(models.Model):
    """Which column of a file means what, kept for the next file of its kind (PP-2)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    headers = ArrayField(models.CharField(max_length=200), default=list)
    content = models.JSONField(_("mapping"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="mapping_has_a_name", condition=~Q(name=""))]
