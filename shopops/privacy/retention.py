"""How long what is kept ready is kept, and what is kept for good."""

from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext_lazy as _

from shopops.privacy import copying
from shopops.privacy.keeping import Retention


def clear_cache(before: datetime) -> int:
    """Empty what was kept ready and has run out; return how many entries."""
    table = connection.ops.quote_name(cache._table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [before])
        return int(cursor.rowcount)


RULES = [
    Retention(
        "copies",
        _("Copies made for customers"),
        _("The files of answered data requests, encrypted. The request stays."),
        _("request of the person (PIPL Art. 45)"),
        7,
        sweep=copying.remove_old,
    ),
    Retention(
        "cache",
        _("Kept ready figures"),
        _("What pages keep ready for a while; after each deletion of a person all of it goes at once."),
        _("needed to do the work (PIPL Art. 13)"),
        1,
        sweep=clear_cache,
    ),
    Retention(
        "requests",
        _("Data requests"),
        _("That somebody asked and was answered, without the person; proof of consent withdrawn."),
        _("proof of handling (PIPL Art. 9, 69)"),
        0,
        least_days=0,
    ),
    Retention(
        "history",
        _("History"),
        _("Who changed what, when. Personal values go with the deletion of a person; the change itself stays."),
        _("proof of handling (PIPL Art. 9, 51, 54)"),
        0,
        least_days=0,
    ),
    Retention(
        "orders",
        _("Orders, refunds, figures"),
        _("Money and goods. Buyers and receivers are taken out of them on request; receivers also after their days."),
        _("records of transactions and accounts (E-commerce Law Art. 31, Accounting Law Art. 23)"),
        0,
        least_days=0,
    ),
]
