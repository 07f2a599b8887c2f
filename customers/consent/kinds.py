"""The words of the ledger of consent and of messages to people."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Purpose(models.TextChoices):
    MARKETING = "marketing", pgettext_lazy("purpose", "Marketing")
    SERVICE = "service", pgettext_lazy("purpose", "Service")


class Channel(models.TextChoices):
    SMS = "sms", pgettext_lazy("way of writing", "SMS")
    EMAIL = "email", pgettext_lazy("way of writing", "E-mail")


class Entry(models.TextChoices):
    """What a line of the ledger of consent says."""

    GRANT = "grant", pgettext_lazy("consent", "Given")
    WITHDRAW = "withdraw", pgettext_lazy("consent", "Withdrawn")


class Outcome(models.TextChoices):
    """How a message to one person ended, as the caps see it."""

    INFLIGHT = "inflight", pgettext_lazy("message", "On its way")
    SENT = "sent", pgettext_lazy("message", "Sent")
    DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
    UNKNOWN = "unknown", pgettext_lazy("message", "Outcome unknown")
    REJECTED = "rejected", pgettext_lazy("message", "Refused by the provider")
