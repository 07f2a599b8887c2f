"""What an installation itself needs of people."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from shopops.dashboard.board import Board
from shopops.dashboard.registry import Need, Needs
from shopops.ops import sending


def stopped_sending(board: Board) -> Iterable[Need]:
    """Say that nothing leaves this installation, and why."""
    found = sending.state()
    if found.allowed:
        return
    texts = {
        "copy": _(
            "This database was brought here from elsewhere: nothing is sent until somebody says that this is the store"
        ),
        "paused": _("Sending is stopped by hand: mails wait in the outbox"),
    }
    yield Need("sending_stopped", texts[found.stopped], 1, found.since, "administrator", reverse("ops:sending"), "bad")


NEEDS = [Needs("operation.send", stopped_sending)]
