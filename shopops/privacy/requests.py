"""What happens to a data request, each step once and by a person: taken down, checked, answered (promise P16)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from shopops import clock
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.privacy import erasing, suppression
from shopops.privacy.models import Request
from shopops.privacy.registry import Mark, Subject, gathered, look_ups

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from shopops.accounts.models import User

State, Kind = Request.State, Request.Kind
NEAR: Final = timedelta(days=3)  # of the deadline
_SALT: Final = "shopops.privacy.candidate"
_CHOOSE_WITHIN: Final = 3600  # seconds


class NotNow(Refused):
    """The request is not in the state this step begins from."""


def pressing(rows: "QuerySet[Request]") -> "QuerySet[Request]":
    """Return the open ones of these past their day, or near it."""
    return rows.filter(state__in=(State.OPEN, State.VERIFIED, State.ASKED), due_day__lte=clock.today() + NEAR)


def candidates(way: str, text: str) -> list[tuple[str, str]]:
    """Return (token, what it is) of the persons and orders a look-up finds; the text is kept nowhere."""
    found = look_ups()[way].find(text) if text.strip() else []
    return [(signing.dumps(_rows(subject), salt=_SALT, compress=True), words) for words, subject in found]


def chosen(tokens: Sequence[str]) -> Subject:
    """Return the subject made of chosen candidates. Raises Refused for what :func:`candidates` did not give."""
    subject = Subject()
    for token in tokens:
        try:
            rows = signing.loads(token, salt=_SALT, max_age=_CHOOSE_WITHIN)
        except signing.BadSignature as error:
            raise Refused(_("Look the person up again.")) from error
        for table, ids in rows.items():
            subject.add(table, ids)
    return subject


def _rows(subject: Subject) -> dict[str, list[int]]:
    return {table: sorted(ids) for table, ids in sorted(subject.rows.items()) if ids}


def subject_of(item: Request) -> Subject:
    """Return everything that belongs to the person a request is about."""
    subject = Subject()
    for table, ids in item.subject.items():
        subject.add(table, ids)
    return gathered(subject)


def take_down(kind: str, *, way: str, received_day: date, subject: Subject, by: "User") -> Request:
    """Note a request; its deadline runs from the day it came in. Raises Refused for a day to come."""
    if received_day > clock.today():
        raise Refused(_("This day lies in the future."))
    with acting(by):
        return Request.objects.create(
            kind=kind,
            way=way,
            received_day=received_day,
            due_day=received_day + timedelta(days=settings.PRIVACY_DAYS),
            subject=_rows(subject),
            created_by=by,
            created_at=clock.now(),
        )


def verify(pk: int, *, proof: str, by: "User") -> Request:
    """Note how it is known that the person is who they say. Raises NotNow, or Refused without anybody chosen."""
    with acting(by):
        item = locked(pk)
        if not item.subject:
            raise Refused(_("Nobody was found for this request: it can only be refused."))
        item.proof = proof
        move(item, State.VERIFIED)
    return item


def refuse(pk: int, *, reason: str, by: "User") -> Request:
    """Refuse a request and say why. Raises NotNow, Refused without a reason."""
    if len(reason.strip()) < 2:
        raise Refused(_("Say why."))
    with acting(by):
        item = locked(pk)
        item.reason = reason.strip()[:500]
        close(item, State.REFUSED, by=by)
    return item


def stop_advertising(pk: int, *, by: "User") -> Request:
    """Note that the person wants no advertising: campaigns ask these keyed hashes. Raises NotNow."""
    with acting(by):
        item = of_kind(pk, Kind.WITHDRAW)
        marks = [Mark("marketing", mark.digest) for mark in erasing.marks_of(subject_of(item)) if mark.kind != "order"]
        item.counts = {"marks": suppression.suppress(marks, at=clock.now())}
        close(item, State.DONE, by=by)
    return item


def note_corrected(pk: int, *, by: "User") -> Request:
    """Close a request whose corrections were made. Raises NotNow."""
    with acting(by):
        item = of_kind(pk, Kind.CORRECT)
        close(item, State.DONE, by=by)
    return item


def erase(pk: int, *, asked_by: "User", by: "User") -> Request:
    """Erase the person (what a second person agreed to), in the caller's transaction. Raises NotNow."""
    with acting(by, source=f"request:{pk}"):
        item = of_kind(pk, Kind.DELETE)
        if item.state != State.ASKED:
            raise NotNow(_("Nothing was done: this request is %(state)s.") % {"state": item.get_state_display()})
        item.asked_by, item.agreed_by = asked_by, by
        item.erasure = erasing.erase(subject_of(item), by=by)
        item.counts, item.subject = item.erasure.counts, {}
        close(item, State.DONE, by=by)
    return item


def locked(pk: int) -> Request:
    return Request.objects.select_for_update().get(pk=pk)


def of_kind(pk: int, kind: str) -> Request:
    item = locked(pk)
    if item.kind != kind:
        raise NotNow(_("This request asks for something else."))
    return item


def move(item: Request, state: str) -> None:
    """Bring a request into another state and save it; the one place that does. Raises NotNow where that is no move."""
    if state not in Request.MOVES.get(State(item.state), ()):
        raise NotNow(_("Nothing was done: this request is %(state)s.") % {"state": item.get_state_display()})
    item.state = state
    item.save()


def close(item: Request, state: str, *, by: "User") -> None:
    item.closed_by, item.closed_at = by, clock.now()
    move(item, state)


def counts_of(item: Request) -> Mapping[str, int]:
    """Return rows by class of data: as they are now, or as they were when the request was done."""
    if item.state in (State.DONE, State.REFUSED) or not item.subject:
        found: dict[str, Any] = item.counts
        return found
    return erasing.counts(subject_of(item))
