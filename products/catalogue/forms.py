from django.utils.translation import gettext_lazy as _

from shopops import typed
from shopops.ui.editing import Versioned
from shopops.ui.fields import TypedField


class MapForm(Versioned):
    """Which SKU an item is."""

    sku = TypedField(
        typed.words,
        label=_("SKU code"),
        longest=100,
        blank="",
        required=False,
        help_text=_("Empty: not mapped. Sales of the past follow."),
    )
