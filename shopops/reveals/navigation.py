from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Access log"), "reveals:log", "reveals.view", "settings", "eye", 30)]
