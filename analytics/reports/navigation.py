from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [
    Entry(_("Nightly report"), "reports:list", "reports.view", "analysis", "report-analytics", 10, key="r", phone=3)
]
