from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shopops.approvals.models import Approval
from shopops.exchange.queries import ExportQuerySet
from shopops.history.triggers import audited
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


class Export(models.Model):
    """A file somebody took along: who, what, which filters and columns, how much; never what stood in it (P13).

    Written by ``shopops.exchange.register`` alone. Its number is the file's watermark.
    """

    class Kind(models.TextChoices):
        LIST = "list", _("List")
        REPORT = "report", _("Report")
        REJECTS = "rejects", _("Refused rows")
        COPY = "copy", _("Copy for a customer")
        CHAIN = "chain", _("Chain of the history")
        MAIL = "mail", _("Mail")
        ATTACHMENT = "attachment", _("Attached file")

    class State(models.TextChoices):
        BEGUN = "begun", _("Being made")
        DONE = "done", _("Done")
        BROKEN = "broken", _("Broken off")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by"), db_index=False
    )
    at = models.DateTimeField(_("taken at"))
    request_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    what = models.CharField(max_length=64)  # the name of the address: "orders:list"
    told = models.JSONField()  # {language: {title, columns, filters: [[label, words]]}}
    column_classes = ArrayField(models.CharField(max_length=12), default=list)  # of each column, "" for none
    classes = ArrayField(models.CharField(max_length=12), default=list, verbose_name=_("classes of data"))
    is_masked = models.BooleanField(_("masked"), default=True)  # nothing of a class stood there in full
    format = models.CharField(_("format"), max_length=12)
    rows = models.BigIntegerField(_("rows"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.BEGUN)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    approval = models.ForeignKey(
        Approval, models.PROTECT, null=True, related_name="+", verbose_name=_("allowed by request"), db_index=False
    )
    table_name = models.CharField(max_length=63, blank=True)  # the record the file is about, where it is about one
    row_id = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)  # where the file itself is kept
    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("file taken along")
        indexes = [
            models.Index(fields=["-at", "-id"], name="export_newest"),
            models.Index(fields=["user", "-at", "-id"], name="export_of_person"),
            models.Index(fields=["what", "-at", "-id"], name="export_of_list"),
            models.Index(fields=["-at", "-id"], name="export_with_classes", condition=~Q(classes=[])),
            models.Index(fields=["table_name", "row_id", "-id"], name="export_of_record", condition=~Q(row_id=None)),
        ]
        triggers = audited(inserts=False)  # the row "export" of the history, which the register writes, says it all

    def __str__(self) -> str:
        return self.mark

    @property
    def mark(self) -> str:
        """The number in the file's name and, where it has such a place, in the file."""
        return f"E{self.pk:06d}"

    @property
    def words(self) -> dict[str, Any]:
        """What it was in the reader's language: title, columns, filters."""
        return words_of(self.told)


def words_of(told: dict[str, Any]) -> dict[str, Any]:
    """Return what was kept of a file in the language that is spoken now."""
    return dict(told.get(get_language() or "") or next(iter(told.values()), {}))
