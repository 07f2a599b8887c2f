from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(_("Data requests"), "privacy:list", "privacy.view", "settings", "shield-lock", 60),
    Entry(_("Retention"), "privacy:keeping", "privacy.view", "settings", "clock", 61),
]
