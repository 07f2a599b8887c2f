from django.utils.translation import gettext_lazy as _

from shopops.access.declare import STAFF
from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Pinned and followed"), "collaboration:mine", STAFF, icon="pin", position=40, key="p")]
