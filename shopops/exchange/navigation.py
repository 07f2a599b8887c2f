from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Files taken along"), "exchange:exports", "exports.view", "settings", "download", 31)]
