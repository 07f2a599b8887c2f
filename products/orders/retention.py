"""How long what imports leave behind, and who received orders, is kept."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from products.orders import cleaning
from shopops.privacy.keeping import Retention

_WORK = _("needed to do the work (PIPL Art. 13)")
RULES = [
    Retention(
        "uploads",
        _("Original files of imports"),
        _("The order files as they came, encrypted. The imports, their counts and what they brought stay."),
        _WORK,
        settings.UPLOAD_KEEP_DAYS,
        sweep=cleaning.remove_originals,
    ),
    Retention(
        "rejects",
        _("Refused rows"),
        _("Rows an import did not take, encrypted, to be mended. Their count stays."),
        _WORK,
        settings.UPLOAD_KEEP_DAYS,
        sweep=cleaning.remove_rejects,
    ),
    Retention(
        "stages",
        _("Files read and not decided about"),
        _("What a file would bring, while nobody has said yes or no. Of ended imports it goes the next night."),
        _WORK,
        7,
        sweep=cleaning.drop_stages,
    ),
    Retention(
        "loose_files",
        _("Files a stopped program left"),
        _("Files no import names, and plain copies of a worker that was killed."),
        _WORK,
        1,
        sweep=cleaning.remove_loose_files,
    ),
    Retention(
        "contacts",
        _("Receivers of orders"),
        _("Name, phone, e-mail and address an order went to. The order stays without them."),
        _("records of transactions, three years (E-commerce Law Art. 31)"),
        1096,
        least_days=1096,
        sweep=cleaning.remove_contacts,
    ),
]
