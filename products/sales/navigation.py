from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Sales plan"), "sales:plans", "sales.view", "planning", "chart-line", 80)]
