from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("How long data are kept"), "privacy:keeping", "privacy.view", "settings", "clock", 61)]
