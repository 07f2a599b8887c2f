from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shopops.approvals.kinds import Kind, Line, kinds
from shopops.approvals.queries import ApprovalQuerySet
from shopops.history.triggers import audited


class Approval(models.Model):
    """A request: one person asks, another decides, it is carried out exactly once."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("request", "Open")
        APPROVED = "approved", pgettext_lazy("request", "Approved, being carried out")
        REFUSED = "refused", pgettext_lazy("request", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")
        EXPIRED = "expired", pgettext_lazy("request", "Expired")
        FAILED = "failed", pgettext_lazy("request", "Void")
        EXECUTED = "executed", pgettext_lazy("request", "Approved and done")

    MOVES: Final = {
        State.OPEN: {
            State.APPROVED,
            State.REFUSED,
            State.WITHDRAWN,
            State.EXPIRED,
            State.FAILED,
            State.EXECUTED,
        },
        State.APPROVED: {State.FAILED, State.EXECUTED},
    }
    kind = models.CharField(_("kind"), max_length=64)
    table_name = models.CharField(max_length=63, blank=True)  # of the record it is about
    row_id = models.BigIntegerField(null=True)
    version = models.BigIntegerField(default=0)  # the record's latest change when it was asked
    payload = models.JSONField(default=dict)  # what execute() needs, and the values before
    asked_value = models.CharField(_("value"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    alone = models.BooleanField(_("decided alone"), default=False)  # nobody else could have decided
    note = models.CharField(_("note"), max_length=500, blank=True)
    error = models.CharField(_("why it is void"), max_length=500, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        constraints = [
            models.CheckConstraint(
                name="approval_is_decided_by_another", condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by"))
            ),
            models.CheckConstraint(
                name="approval_has_a_decider_once_decided",
                condition=~Q(state__in=("approved", "refused", "executed"))
                | Q(decided_by__isnull=False, alone=False)
                | Q(decided_by=None, alone=True),
            ),
            models.UniqueConstraint(
                fields=["kind", "table_name", "row_id"],
                name="approval_open_once_per_record",
                condition=Q(state="open", row_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "expires_at"], name="approval_open", condition=Q(state="open")),
            models.Index(fields=["-asked_at", "-id"], name="approval_newest"),
            models.Index(fields=["table_name", "row_id", "-id"], name="approval_of_record"),
        ]
        triggers = audited()

    def __str__(self) -> str:
        return f"{self.label} · {self.value}" if self.value else str(self.label)

    @property
    def of_kind(self) -> Kind | None:
        return kinds().get(self.kind)

    @property
    def label(self) -> str:
        """What kind of request this is."""
        return str(self.of_kind.label) if self.of_kind else self.kind

    @cached_property
    def value(self) -> str:
        """What is asked, in one line."""
        return self.of_kind.value(self.asked_value, self.payload) if self.of_kind else self.asked_value

    @cached_property
    def lines(self) -> list[Line]:
        """What is asked: what, before, after."""
        return self.of_kind.describe(self.payload) if self.of_kind else []


class Decider(models.Model):
    """Somebody named to decide one kind of request besides those who have its permission."""

    kind = models.CharField(_("kind"), max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("person who decides")
        constraints = [models.UniqueConstraint(fields=["kind", "user"], name="decider_once_per_kind")]
        triggers = audited()
