from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(_("People"), "accounts:people", "accounts.view", "settings", "users", 10, besides=("/accounts/me/",)),
    Entry(_("Roles"), "accounts:roles", "accounts.view", "settings", "key", 20),
    Entry(_("Log-in rules"), "accounts:rules", "settings.change", "settings", "shield-lock", 30),
]
