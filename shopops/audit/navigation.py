from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Audit search"), "audit:list", "history.view", "settings", "history", 20)]
