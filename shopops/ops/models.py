from django.db import models
from django.utils.translation import gettext_lazy as _


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
