"""A person's deletion: asked by who handles the request, agreed to by somebody else, carried out by a job."""

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from shopops.approvals.kinds import Line, Payload
from shopops.approvals.services import ask
from shopops.history.actor import acting
from shopops.privacy import erasing, requests
from shopops.privacy.models import Request
from shopops.privacy.registry import person_data
from shopops.ui import formats

if TYPE_CHECKING:
    from shopops.accounts.models import User

KIND: Final = "privacy.erasure"
State = Request.State


def ask_for(pk: int, *, by: "User") -> Request:
    """Ask a second person to agree to the deletion. Raises NotNow, AskedAlready."""
    with acting(by):
        item = requests.of_kind(pk, Request.Kind.DELETE)
        if item.state == State.ASKED:  # refused or expired since: asked again; an open one refuses below
            requests.move(item, State.VERIFIED)
        item.counts, item.asked_by = erasing.counts(requests.subject_of(item)), by
        requests.move(item, State.ASKED)
        ask(KIND, record=item, payload={"request": item.pk, "counts": item.counts}, by=by)
    return item


def execute(payload: Payload, *, asked_by: "User", by: "User") -> None:
    """Erase the person, in the transaction of the deciding job."""
    requests.erase(int(payload["request"]), asked_by=asked_by, by=by)


def summary(payload: Payload) -> str:
    return _("Request #%(number)s: %(rows)s rows") % {
        "number": payload["request"],
        "rows": formats.number(sum(payload["counts"].values())),
    }


def describe(payload: Payload) -> list[Line]:
    """Say what becomes of each class of data."""
    counts: dict[str, Any] = payload["counts"]
    return [
        (str(item.label), formats.number(counts[item.code]), str(item.fate))
        for item in person_data()
        if counts.get(item.code)
    ]
