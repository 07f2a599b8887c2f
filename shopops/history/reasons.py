"""What somebody uncovers a personal field for: one of a short list, or their own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from shopops.words import Words

READS_WORDS: Final = "reveals.reasons"  # the permission to read what people typed
OTHER: Final = "other"  # said in words
REASONS: Final[dict[str, Words]] = {
    "record": _("Work on this record"),
    "delivery": _("Delivery"),
    "aftersale": _("Refund or exchange"),
    "complaint": _("Complaint"),
    "check": _("Check the data"),
}


def reason_words(text: str) -> str:
    """Return a kept reason as people read it."""
    return str(REASONS[text]) if text in REASONS else text
