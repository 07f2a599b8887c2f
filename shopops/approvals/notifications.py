from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from shopops.approvals.kinds import kinds
from shopops.approvals.models import Approval
from shopops.notifications.kinds import DIGEST, NOW, Kind


def _words(values: Mapping[str, object]) -> dict[str, object]:
    kind = kinds().get(str(values.get("kind")))
    states = dict(Approval.State.choices)
    return {
        "kind": kind.label if kind else values.get("kind", ""),
        "state": states.get(str(values.get("state")), values.get("state", "")),
    }


KINDS = [
    Kind(
        "approvals.asked",
        _("A request waits for your decision"),
        _("Your decision is asked: %(kind)s"),
        NOW,
        "list-check",
        words=_words,
    ),
    Kind(
        "approvals.decided",
        _("Your request was decided"),
        _("Your request “%(kind)s”: %(state)s"),
        NOW,
        "circle-check",
        words=_words,
    ),
    Kind(
        "approvals.expired",
        _("Your request has expired"),
        _("Nobody decided your request “%(kind)s” in time"),
        DIGEST,
        "clock",
        words=_words,
    ),
    Kind(
        "approvals.alone",
        _("Something was decided alone"),
        _("Decided by one person alone, for want of a second: %(kind)s"),
        DIGEST,
        "alert-circle",
        permission="accounts.view",
        words=_words,
    ),
]
