from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
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
        verbose_name = _("mark of an erased person")
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
        verbose_name = _("night of clearing")
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "day"], name="kept_once_a_night")]
        indexes: ClassVar = [models.Index(fields=["code", "-at"], name="kept_lately")]


class Request(models.Model):
    """Somebody asks for a copy, a correction or the end of what is known of them, or for no more advertising.

    Nothing of the person stands here: who is meant are the numbers of rows, taken away once they are erased.
    """

    class Kind(models.TextChoices):
        COPY = "copy", _("Copy of their data")
        CORRECT = "correct", _("Correction")
        DELETE = "delete", _("Deletion")
        WITHDRAW = "withdraw", _("No more advertising")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        VERIFIED = "verified", _("Identity checked")
        ASKED = "asked", _("Waits for a second person")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    class Way(models.TextChoices):
        CHAT = "chat", _("Platform's chat")
        PHONE = "phone", _("By phone")
        MAIL = "mail", _("E-mail or letter")
        AUTHORITY = "authority", _("From an authority")

    class Proof(models.TextChoices):
        ACCOUNT = "account", _("They wrote from the account itself")
        KNOWS = "knows", _("They named order number and phone in full")
        CALLED = "called", _("We called the number back")
        PAPER = "paper", _("They showed a document")

    MOVES: ClassVar = {
        State.OPEN: {State.VERIFIED, State.REFUSED},
        State.VERIFIED: {State.ASKED, State.DONE, State.REFUSED},
        State.ASKED: {State.VERIFIED, State.DONE, State.REFUSED},
    }
    kind = models.CharField(_("what they ask for"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    way = models.CharField(_("how it came"), max_length=10, choices=Way)
    received_day = models.DateField(_("received on"))
    due_day = models.DateField(_("to be answered by"))
    subject = models.JSONField(default=dict)  # {table: [numbers]} as chosen when it was taken down
    proof = models.CharField(_("how we know it is them"), max_length=10, choices=Proof, blank=True)
    counts = models.JSONField(default=dict)  # {code of the data: rows} when it was done
    reason = models.CharField(_("reason"), max_length=500, blank=True)  # why it was refused
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("agreed by")
    )
    erasure = models.ForeignKey(Erasure, models.PROTECT, null=True, related_name="+")
    copy_path = models.CharField(max_length=255, blank=True)  # below MEDIA_ROOT; empty once removed
    copy_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    copy_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken down by")
    )
    created_at = models.DateTimeField(_("taken down at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("data request")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="request_is_proved_before_it_is_done",
                condition=~models.Q(state__in=("verified", "asked", "done")) | ~models.Q(proof=""),
            ),
            models.CheckConstraint(
                name="nobody_agrees_to_their_own_request",
                condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("asked_by")),
            ),
            models.CheckConstraint(
                name="refusal_has_a_reason", condition=~models.Q(state="refused") | ~models.Q(reason="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="request_newest"),
            models.Index(
                fields=["due_day", "id"],
                name="request_open",
                condition=models.Q(state__in=("open", "verified", "asked")),
            ),
        ]
        triggers = audited(ignore=("copy_path",))

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("privacy:request", args=[self.pk])
