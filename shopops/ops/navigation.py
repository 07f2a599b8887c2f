from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Outbox"), "ops:outbox", "operation.view", "settings", "mail", 50)]
