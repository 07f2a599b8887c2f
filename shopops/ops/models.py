from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shopops.history.triggers import audited


class Mail(models.Model):
    """A message this installation would have sent, had it a mail server (no EMAIL_URL)."""

    created_at = models.DateTimeField(_("written"))
    sender = models.CharField(_("from"), max_length=254)
    recipients = models.JSONField(_("to"), default=list)
    subject = models.CharField(_("subject"), max_length=998)
    text = models.TextField(blank=True)
    source = models.BinaryField()  # the whole message with its parts, as a mail program reads it (.eml)

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="mail_newest")]


class Installation(models.Model):
    """Where this database lives, and whether it may send from there; one row."""

    place = models.CharField(max_length=64)  # shopops.ops.sending.place()
    sends = models.BooleanField(_("sends messages"), default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sending")
        constraints = [models.CheckConstraint(name="installation_is_one", condition=models.Q(pk=1))]
        triggers = audited()
