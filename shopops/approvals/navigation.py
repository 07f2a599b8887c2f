from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from shopops import clock
from shopops.access.declare import STAFF
from shopops.approvals.kinds import decidable
from shopops.approvals.models import Approval
from shopops.ui.navigation import Entry

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from shopops.accounts.models import User


def waiting(user: "User") -> "QuerySet[Approval]":
    """Return the requests that wait for this person, for the count beside the entry."""
    return Approval.objects.waiting_for(user, clock.now())


NAVIGATION = [
    Entry(
        _("Approvals"),
        "approvals:list",
        STAFF,
        "",
        "list-check",
        8,
        waiting=waiting,
        key="a",
        phone=3,
        on_phone=lambda user: bool(decidable(user)),
    )
]
