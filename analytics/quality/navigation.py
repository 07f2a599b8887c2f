from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Data quality"), "quality:list", "quality.view", "analysis", "shield-check", 40)]
