from django.utils.translation import gettext_lazy as _

from shopops.access.scopes import is_limited
from shopops.ui.navigation import Entry


def _sees_all(user: object) -> bool:
    return not is_limited(user, "sales.view")  # the plan is the whole store's


NAVIGATION = [Entry(_("Sales plan"), "sales:plans", "sales.view", "planning", "chart-line", 80, shown=_sees_all)]
