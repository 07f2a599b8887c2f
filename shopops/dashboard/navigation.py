from functools import partial

from django.utils.translation import gettext_lazy as _

from shopops.access.declare import STAFF
from shopops.accounts.roles import DEPARTMENTS
from shopops.dashboard.homes import has_home
from shopops.ui.navigation import Entry


def _has_home(department: str, user: object) -> bool:
    return has_home(user, department)


NAVIGATION = [
    Entry(_("Dashboard"), "dashboard:start", "dashboard.view", "", "layout-dashboard", 10, key="d", phone=1),
    *(
        Entry(_("Overview"), f"dashboard:{code}", STAFF, code, "layout-dashboard", 1, shown=partial(_has_home, code))
        for code, _name, _app in DEPARTMENTS
        if code != "management"
    ),
]
