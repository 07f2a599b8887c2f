from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(_("Items"), "catalogue:items", "catalogue.view", department="planning", position=30),
    Entry(_("SKUs"), "catalogue:skus", "catalogue.view", department="planning", position=31),
]
