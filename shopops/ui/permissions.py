from django.utils.translation import gettext_lazy as _

from shopops.access.declare import Permission

PERMISSIONS = [
    Permission("ui.styleguide", _("See the page of all components"), ("administrator",)),
    Permission("exports.decide", _("Agree to files with many rows"), ("manager", "deputy")),
]
