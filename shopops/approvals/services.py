"""Ask, and somebody else decides: carried out exactly once, by no one alone, void when things have changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.holders import of_role
from shopops.approvals.kinds import Kind, kinds
from shopops.approvals.models import Approval
from shopops.approvals.queries import who_may_decide
from shopops.errors import Refused
from shopops.history.actor import SYSTEM, acting
from shopops.history.versions import version_of
from shopops.jobs import services as jobs
from shopops.jobs.models import Job
from shopops.notifications.services import notify, settle

if TYPE_CHECKING:
    from shopops.accounts.models import User
    from shopops.jobs.services import Claim

State = Approval.State
PERFORM: Final = "shopops.approvals.services.perform"  # the job's kind
AT_ONCE: Final = 200  # requests one sweep ends
TOLD_OF_LONE_DECISIONS: Final = ("owner", "manager")


class AskedAlready(Refused):
    """The same record waits for a decision of this kind already."""


class NotOpen(Refused):
    """The request was decided, withdrawn or has expired."""


class NotYours(Refused):
    """The person may not decide this request: their own, or no right to."""


def ask(
    kind: str,
    *,
    record: Model | None,
    payload: Mapping[str, Any],
    value: str = "",
    reason: str = "",
    by: "User",
) -> Approval:
    """Ask for something another person has to agree to, and tell who may; return the request.

    Where the kind allows it and nobody but ``by`` could decide, it is carried out at once and listed as
    decided alone. Raises AskedAlready, and what ``execute`` refuses in that case.
    """
    item, now = kinds()[kind], clock.now()
    if record is not None and not (item.about and isinstance(record, item.about)):
        raise TypeError(f"A request {kind} is about no {type(record).__name__}: see Kind.about.")
    table, row = (record._meta.db_table, record.pk) if record is not None else ("", None)
    with acting(by):
        if row is not None and Approval.objects.open_about(kind, table, row).exists():
            raise AskedAlready(_("A request of this kind waits for a decision already. Withdraw it first."))
        asked = Approval.objects.create(
            kind=kind,
            table_name=table,
            row_id=row,
            version=version_of(record),
            payload=dict(payload),
            asked_value=value[:200],
            reason=reason.strip()[:500],
            asked_by=by,
            asked_at=now,
            expires_at=now + timedelta(days=item.days),
        )
        others = who_may_decide(asked)
        if others or not item.alone:
            notify(others, "approvals.asked", record=asked, by=by, text_values={"kind": kind})
        else:
            _decide_alone(asked, item, by=by, now=now)
    return asked


def _decide_alone(asked: Approval, item: Kind, *, by: "User", now: datetime) -> None:
    asked.alone, asked.decided_at = True, now
    with acting(by, source=f"approval:{asked.pk}"):
        item.execute(asked.payload, asked_by=by, by=by)
    move(asked, State.EXECUTED)
    told = [person for code in TOLD_OF_LONE_DECISIONS for person in of_role(code)]
    notify(told, "approvals.alone", record=asked, by=by, text_values={"kind": asked.kind})


def decide(approval_id: int, *, approve: bool, note: str = "", by: "User") -> Approval:
    """Approve or refuse a request, once; return it.

    The request's row is locked first and the right to decide looked up afresh: whoever lost it, or comes
    second, changes nothing. Approved, it is carried out in the same transaction, or by a job made in it.
    A request that no longer fits is void (state "failed") and told so. Raises NotOpen, NotYours.
    """
    with acting(by, source=f"approval:{approval_id}"):
        asked = _locked(approval_id)
        item, now = kinds().get(asked.kind), clock.now()
        if item is None:
            raise Refused(_("This program no longer knows such requests."))
        _check_open(asked, now)
        _check_may_decide(asked, by)
        asked.decided_by, asked.decided_at, asked.note = by, now, note.strip()[:500]
        if not approve:
            move(asked, State.REFUSED)
        elif not item.long:
            _carry_out(asked, item, by=by)
        else:
            move(asked, State.APPROVED)
            job, _made = jobs.ensure(PERFORM, str(asked.pk), arguments={"approval": asked.pk}, queue="default", by=by)
            jobs.wake("shopops.jobs.tasks.perform", job.pk)
        settle("approvals.asked", asked)
        if asked.state != State.APPROVED:
            _tell_asker(asked, by=by)
    return asked


def _locked(approval_id: int) -> Approval:
    return Approval.objects.select_for_update(of=["self"]).select_related("asked_by", "decided_by").get(pk=approval_id)


def _check_open(asked: Approval, now: datetime) -> None:
    if asked.state != State.OPEN:
        raise NotOpen(
            _("Nothing was done: this request is no longer open (%(state)s).") % {"state": asked.get_state_display()}
        )
    if asked.expires_at <= now:
        raise NotOpen(_("Nothing was done: this request has expired. It may be asked again."))


def _check_may_decide(asked: Approval, by: "User") -> None:
    if asked.asked_by_id == by.pk:
        raise NotYours(_("Nobody decides their own request. Another person has to."))
    fresh = get_user_model().objects.with_permissions().filter(pk=by.pk, is_active=True).first()
    if fresh is None or not Approval.objects.decidable_by(fresh).filter(pk=asked.pk).exists():
        raise NotYours(_("You may no longer decide such requests."))


def _carry_out(asked: Approval, item: Kind, *, by: "User") -> None:
    """Execute, or call the request void where it no longer fits or is refused; nothing half-done stays."""
    if not item.fits(asked.payload):
        _void(asked, _("It has changed since this was asked. Look at it and ask again."))
        return
    try:
        with transaction.atomic():
            item.execute(asked.payload, asked_by=asked.asked_by, by=by)
    except Refused as refusal:
        _void(asked, str(refusal))
    else:
        move(asked, State.EXECUTED)


def _void(asked: Approval, words: str) -> None:
    asked.error = words[:500]
    move(asked, State.FAILED)


def move(asked: Approval, state: str) -> None:
    """Bring a request into another state and save it; the one place that does. Raises Refused where that is no move."""
    if state not in Approval.MOVES.get(State(asked.state), ()):
        raise NotOpen(
            _("Nothing was done: this request is no longer open (%(state)s).") % {"state": asked.get_state_display()}
        )
    asked.state = state
    asked.save(update_fields=["state", "decided_by", "decided_at", "alone", "note", "error"])


def perform(claim: "Claim", *, approval: int) -> None:
    """Carry out an approved request of a long kind (what the job does).

    Effect and state are one transaction that holds the job's row: a worker killed in between has done
    nothing, one that comes back too late cannot commit, and a second run finds it done.
    """
    claim.renew(phase="approval")
    decided_by = Approval.objects.select_related("decided_by").get(pk=approval).decided_by
    with acting(decided_by or SYSTEM, source=f"approval:{approval}"):
        claim.hold()
        asked = _locked(approval)
        if asked.state != State.APPROVED or decided_by is None:
            return
        _carry_out(asked, kinds()[asked.kind], by=decided_by)
        _tell_asker(asked, by=decided_by)


def withdraw(approval_id: int, *, by: "User") -> Approval:
    """Take one's own open request back. Raises NotYours, NotOpen."""
    with acting(by):
        asked = _locked(approval_id)
        if asked.asked_by_id != by.pk:
            raise NotYours(_("Only who asked may withdraw a request."))
        move(asked, State.WITHDRAWN)
        settle("approvals.asked", asked)
    return asked


def withdraw_all(asker: "User", *, by: "User") -> int:
    """Withdraw every open request of somebody who leaves; return how many."""
    with acting(by):
        rows = Approval.objects.filter(asked_by=asker, state=State.OPEN).order_by("pk")
        waiting = list(rows.select_for_update(of=["self"]))
        for asked in waiting:
            move(asked, State.WITHDRAWN)
            settle("approvals.asked", asked)
    return len(waiting)


def expire_due(*, now: datetime) -> int:
    """End open requests past their time; return how many. Safe in any number of copies."""
    with acting(SYSTEM):
        rows = Approval.objects.filter(state=State.OPEN, expires_at__lte=now).order_by("pk")
        due = list(rows.select_for_update(skip_locked=True, of=["self"]).select_related("asked_by")[:AT_ONCE])
        for asked in due:
            move(asked, State.EXPIRED)
            settle("approvals.asked", asked)
            notify([asked.asked_by], "approvals.expired", record=asked, text_values={"kind": asked.kind})
    return len(due)


def give_up_failed(*, now: datetime) -> int:
    """Call approved requests void whose job has failed for good; return how many."""
    with acting(SYSTEM):
        rows = (
            Approval.objects.filter(state=State.APPROVED)
            .order_by("pk")
            .select_for_update(skip_locked=True, of=["self"])
        )
        waiting = {str(asked.pk): asked for asked in rows[:AT_ONCE]}
        over = (Job.State.FAILED, Job.State.CANCELLED)
        dead = Job.objects.filter(kind=PERFORM, key__in=list(waiting), state__in=over) if waiting else ()
        for job in dead:
            _void(waiting[job.key], _("It could not be carried out. The administrator finds the reason under Jobs."))
            _tell_asker(waiting[job.key])
    return len(dead)


def _tell_asker(asked: Approval, *, by: "User | None" = None) -> None:
    notify(
        [asked.asked_by],
        "approvals.decided",
        record=asked,
        by=by,
        text_values={"kind": asked.kind, "state": asked.state},
    )
