from django.utils.translation import gettext_lazy as _

from shopops.ui.navigation import Entry

NAVIGATION = [Entry(_("Channels"), "channels:list", "channels.view", department="planning", position=60)]
