from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission(
        "accounts.view", _("See people and roles"), ("manager", "deputy", "owner", "hr_officer", "administrator")
    ),
    Permission("accounts.change", _("Create, change and switch off log-ins and roles"), ("administrator",)),
    Permission(
        "accounts.decide", _("Decide what roles people get, asked by somebody else"), ("manager", "administrator")
    ),
    Permission("accounts.see_as", _("See the pages as a role, without changing anything"), ("administrator",)),
]
