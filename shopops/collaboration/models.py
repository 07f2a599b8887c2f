from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shopops.history.triggers import audited


class Comment(models.Model):
    """What somebody wrote on a record, with files or alone; a record is named by its table and number (ORG-0)."""

    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    text = models.TextField(_("text"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(_("edited at"), null=True)
    removed_at = models.DateTimeField(_("removed at"), null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("removed by"),
    )

    class Meta:
        verbose_name = _("comment")
        indexes = [models.Index(fields=["table_name", "row_id", "-id"], name="comment_of_record")]
        triggers = audited(ignore=())

    def __str__(self) -> str:
        return f"#{self.pk}"


class Attachment(models.Model):
    """A file of a comment, kept encrypted under a random name (ORG-0)."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("Image")
        PDF = "pdf", "PDF"
        XLSX = "xlsx", _("Workbook")
        CSV = "csv", "CSV"
        TEXT = "txt", _("Text")

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="files")
    name = models.CharField(_("file name"), max_length=255)  # as its owner called it; shown, never opened
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    media_type = models.CharField(max_length=80)
    size = models.BigIntegerField(pgettext_lazy("file", "size"))  # bytes, as kept
    sha256 = models.BinaryField(max_length=32)
    path = models.CharField(max_length=255, blank=True)  # below MEDIA_ROOT; empty once removed
    thumbnail = models.CharField(max_length=255, blank=True)
    width = models.PositiveIntegerField(null=True)  # pixels
    height = models.PositiveIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(_("removed at"), null=True)

    class Meta:
        verbose_name = _("attached file")
        indexes = [
            models.Index(fields=["created_by", "created_at"], name="attachment_of_person"),
        ]
        constraints = [
            models.CheckConstraint(
                name="attachment_is_kept_or_removed", condition=~Q(path="") | Q(removed_at__isnull=False)
            )
        ]
        triggers = audited(ignore=(), secret=("sha256",))

    def __str__(self) -> str:
        return self.name


class Follow(models.Model):
    """Somebody who is told what happens on a record (ORG-0)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table_name", "row_id", "user"], name="follow_once"),
        ]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="follow_of_person")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"


class FollowersTold(models.Model):
    """How far the history was read for followers: one row."""

    through = models.BigIntegerField()  # the last change that was told
    upto = models.BigIntegerField(null=True)  # the last one to be told next, once ``writers`` are done
    writers = ArrayField(models.CharField(max_length=32), default=list)  # who was writing when it was the newest


class Pin(models.Model):
    """A record somebody keeps at hand (ORG-0)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "table_name", "row_id"], name="pin_once")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="pin_of_person")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
