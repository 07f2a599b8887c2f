from django.utils.translation import gettext_lazy as _

from shopops.notifications.kinds import NOW, OFF, Kind

KINDS = [
    Kind(
        "accounts.new_device",
        _("A log-in from a new device"),
        _("Your log-in was used on a device that was not known"),
        NOW,
        "device-desktop",
        place="ui:me",
    ),
    Kind(
        "accounts.second_factor_reset",
        _("The second factor of your log-in was reset"),
        _("The second factor of your log-in was reset"),
        OFF,  # a letter of its own tells it by e-mail
        "shield-lock",
        place="ui:me",
    ),
]
