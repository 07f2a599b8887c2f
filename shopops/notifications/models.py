from datetime import time
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shopops.history.triggers import audited
from shopops.notifications import kinds
from shopops.notifications.queries import NotificationQuerySet

QUIET_FROM: Final = time(22)  # store time, where somebody chose nothing
QUIET_TO: Final = time(8)


class Notification(models.Model):
    """Something one person should know; while it is unread, more of the same raises its count."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=64)
    bundle = models.CharField(max_length=200)  # what belongs together: kind and record
    table_name = models.CharField(max_length=63, blank=True)
    row_id = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(default=1)
    text_values = models.JSONField(default=dict)  # numbers and codes of the sentence, never personal data
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    first_at = models.DateTimeField()
    at = models.DateTimeField(_("time"))  # of the newest
    seen_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)  # committed before the mail server hears of it

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "bundle"], name="notification_once_while_unread", condition=Q(seen_at=None)
            )
        ]
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="notification_newest"),
            models.Index(
                fields=["user", "id"], name="notification_to_mail", condition=Q(mailed_at=None) & Q(seen_at=None)
            ),
            models.Index(fields=["at"], name="notification_age"),
        ]


class Fault(models.Model):
    """A fault that was told: never again, whoever finds it once more."""

    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="fault_age")]


class Preference(models.Model):
    """How somebody gets one kind of notification by e-mail; without a row, as the kind says."""

    class Mail(models.TextChoices):
        OFF = kinds.OFF, pgettext_lazy("e-mail", "Not by e-mail")
        NOW = kinds.NOW, pgettext_lazy("e-mail", "At once")
        DIGEST = kinds.DIGEST, pgettext_lazy("e-mail", "Once a day")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(_("kind"), max_length=64)
    mail = models.CharField(_("e-mail"), max_length=8, choices=Mail)

    class Meta:
        verbose_name = _("notification setting")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="preference_once_per_kind")]
        triggers = audited()


class QuietHours(models.Model):
    """When somebody wants no e-mail, in store time; both empty: never quiet."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    quiet_from = models.TimeField(_("quiet from"), null=True)
    quiet_to = models.TimeField(_("quiet until"), null=True)

    class Meta:
        verbose_name = _("quiet hours")
        constraints = [
            models.CheckConstraint(
                name="quiet_hours_have_both_ends",
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__isnull=False, quiet_to__isnull=False),
            )
        ]
        triggers = audited()
