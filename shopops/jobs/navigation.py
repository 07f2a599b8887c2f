from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Jobs"), "jobs:list", "operation.view", "settings", "list-check", 40)]
