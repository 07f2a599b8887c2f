"""One act over many rows: frozen as confirmed, written block by block by a job, taken back as a whole.

A block is written in one statement and one transaction together with its mark "done", under the job's fence:
a killed worker leaves whole blocks, the next one goes on with those that are left, and nothing is done twice.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import Func, IntegerField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shopops import clock
from shopops.acts.kinds import BulkAct, bulk_kinds
from shopops.acts.models import Act, Block
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.jobs import services as jobs
from shopops.jobs.models import Job

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from shopops.accounts.models import User

RUN: Final = "shopops.acts.bulk.run"
RUN_BACK: Final = "shopops.acts.bulk.run_back"
TYPED_AT_MOST: Final = 10_000  # rows named one by one
ROWS_AT_MOST: Final = 200_000  # rows of one act
BLOCK: Final = 500  # rows of one statement
AT_ONCE: Final = 100  # rows that are done while one waits
NAMED: Final = 20  # ids a refusal names
CHANGED: Final = "changed"  # a row somebody changed since, left by the taking back
GONE: Final = "gone"  # a row that is no longer there
OVER: Final = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


class NotTheseRows(Refused):
    """The rows cannot be acted on as a whole; the sentence says why and names them."""


def chosen(rows: "QuerySet[Any]", ids: Sequence[int]) -> list[int]:
    """Return the named rows, each once, in order. Raises NotTheseRows where one of them is not among ``rows``."""
    wanted = sorted(set(ids))
    if len(wanted) > TYPED_AT_MOST:
        raise NotTheseRows(_("At most %(count)s rows can be named at once.") % {"count": f"{TYPED_AT_MOST:,}"})
    seen = set(rows.order_by().filter(pk__in=wanted).values_list("pk", flat=True))
    if missing := [pk for pk in wanted if pk not in seen]:
        words = ngettext(
            "Nothing was done: %(count)s row is not there for you (%(ids)s).",
            "Nothing was done: %(count)s rows are not there for you (%(ids)s).",
            len(missing),
        )
        shown = ", ".join(map(str, missing[:NAMED])) + (" …" if len(missing) > NAMED else "")
        raise NotTheseRows(words % {"count": len(missing), "ids": shown})
    return wanted


def too_many() -> NotTheseRows:
    return NotTheseRows(_("At most %(count)s rows in one act. Narrow the list.") % {"count": f"{ROWS_AT_MOST:,}"})


def begin(kind: BulkAct, ids: Sequence[int], values: dict[str, Any], *, scope: str, url: str, by: "User") -> Act:
    """Freeze the rows and have a job write them; few are done at once. Raises NotTheseRows."""
    if not ids:
        raise NotTheseRows(_("No rows are chosen."))
    if len(ids) > ROWS_AT_MOST:
        raise too_many()
    with transaction.atomic():
        act = Act.objects.create(
            kind=kind.code, by=by, at=clock.now(), url=url, values=values, scope=scope[:500], rows=len(ids)
        )
        Block.objects.bulk_create(
            Block(act=act, number=number, ids=list(ids[first : first + BLOCK]))
            for number, first in enumerate(range(0, len(ids), BLOCK))
        )
        job, _made = jobs.ensure(RUN, str(act.pk), arguments={"act_id": act.pk}, queue="default", by=by)
        act.job = job
        act.save(update_fields=["job"])
        if len(ids) > AT_ONCE:
            jobs.wake("shopops.jobs.tasks.perform", job.pk)
    if len(ids) <= AT_ONCE:
        jobs.perform(job.pk)
        act.job.refresh_from_db()
    return act


def blocks_of(act: Act) -> "QuerySet[Any]":
    """Return the blocks of an act with their ``size``, without the rows' numbers."""
    size = Func("ids", function="cardinality", output_field=IntegerField())
    return act.blocks.defer("ids").annotate(size=size)


def run(claim: jobs.Claim, act_id: int) -> None:
    """Write the blocks that are not written yet (what the job does)."""
    act = Act.objects.select_related("by").get(pk=act_id)
    kind = bulk_kinds()[act.kind]
    done = 0
    for block in blocks_of(act).order_by("number"):
        if block.done_at is None:
            claim.renew(done=done, total=act.rows)
            _write(claim, act, kind, block.pk)
        done += block.size
    claim.renew(done=done, total=act.rows)


def _write(claim: jobs.Claim, act: Act, kind: BulkAct, block_id: int) -> None:
    with acting(act.by, source=act.source):
        claim.hold()  # first: nobody else writes this act while we do
        block = Block.objects.select_for_update().get(pk=block_id)
        if block.done_at is None:
            now = clock.now()
            left = kind.apply(block.ids, act.values, now)
            block.done_at, block.failures = now, {str(pk): why for pk, why in left.items()}
            block.save(update_fields=["done_at", "failures"])


def cancel(act: Act) -> None:
    """Stop after the block that is being written."""
    jobs.cancel(act.job_id)


# --- taking back


def reason_against(act: Act, *, by: "User") -> str:
    """Return why this act cannot be taken back as a whole; empty when it can."""
    kind = bulk_kinds().get(act.kind)
    if kind is None or act.job is None or act.by_id != by.pk or not by.has_perm(kind.permission):
        return _("Only who did it can take it back.")
    if act.job.state not in OVER:
        return _("It is still being done.")
    if act.undo_job_id is not None:
        return _("This was undone already.")
    changed = _changed_since(act, kind)
    if changed:
        shown = ", ".join(map(str, changed[:NAMED])) + (" …" if len(changed) > NAMED else "")
        return _("Rows were changed since (%(ids)s); what stands in them would be lost.") % {"ids": shown}
    return ""


def _changed_since(act: Act, kind: BulkAct) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT b.row_id FROM shopops_change b
            JOIN shopops_change c ON c.table_name = b.table_name AND c.row_id = b.row_id AND c.id > b.id
            WHERE b.source = %(source)s AND b.table_name = %(table)s
              AND (c.op = 'delete' OR c.op = 'update' AND c.changes ?| %(columns)s)
            ORDER BY 1 LIMIT 21
            """,
            {"source": act.source, "table": kind.model._meta.db_table, "columns": list(kind.columns)},
        )
        return [pk for (pk,) in cursor.fetchall()]


def take_back(act_id: int, *, by: "User") -> Act:
    """Have a job put everything back; few rows at once. Raises CannotUndo, once only."""
    from shopops.acts.undo import CannotUndo  # noqa: PLC0415 - the single acts know nothing of these

    with transaction.atomic():
        act = Act.objects.select_for_update(of=["self"]).select_related("job").get(pk=act_id)
        if told := reason_against(act, by=by):
            raise CannotUndo(told)
        job, _made = jobs.ensure(RUN_BACK, str(act.pk), arguments={"act_id": act.pk}, queue="default", by=by)
        act.undo_job, act.undone_at = job, clock.now()
        act.save(update_fields=["undo_job", "undone_at"])
        if act.rows > AT_ONCE:
            jobs.wake("shopops.jobs.tasks.perform", job.pk)
    if act.rows <= AT_ONCE:
        jobs.perform(job.pk)
        act.undo_job.refresh_from_db()
    return act


def run_back(claim: jobs.Claim, act_id: int) -> None:
    """Put the written blocks back, the last first (what the job does)."""
    act = Act.objects.select_related("by").get(pk=act_id)
    kind = bulk_kinds()[act.kind]
    done = 0
    for block in blocks_of(act).filter(done_at__isnull=False).order_by("-number"):
        if block.undone_at is None:
            claim.renew(done=done, total=act.rows)
            _put_back(claim, act, kind, block.pk)
        done += block.size
    claim.renew(done=done, total=act.rows)


def _put_back(claim: jobs.Claim, act: Act, kind: BulkAct, block_id: int) -> None:
    with acting(act.by, source=f"undo-bulk:{act.pk}"):
        claim.hold()
        block = Block.objects.select_for_update().get(pk=block_id)
        if block.undone_at is None:
            now = clock.now()
            left = _restore(act, kind, block.ids, now)
            block.undone_at, block.failures = now, block.failures | {str(pk): CHANGED for pk in left}
            block.save(update_fields=["undone_at", "failures"])


def _restore(act: Act, kind: BulkAct, ids: list[int], now: Any) -> list[int]:
    """Write the former values of one block from the history, and return the rows somebody changed since."""
    table, columns = kind.model._meta.db_table, ", ".join(f'"{name}"' for name in kind.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH locked AS MATERIALIZED (
                SELECT t.id FROM {table} t WHERE t.id = ANY(%(ids)s) ORDER BY t.id FOR UPDATE
            ), former AS MATERIALIZED (
                SELECT h.id, h.row_id, (
                    SELECT jsonb_object_agg(e.key, e.value -> 0) FROM jsonb_each(h.changes) e WHERE e.key = ANY(%(columns)s)
                ) AS before
                FROM shopops_change h
                WHERE h.source = %(source)s AND h.table_name = %(table)s AND h.row_id = ANY(%(ids)s) AND h.op = 'update'
            ), restored AS (
                UPDATE {table} x SET ({columns}, updated_at) = (
                    SELECT {columns}, %(now)s FROM jsonb_populate_record(x, f.before)
                )
                FROM former f JOIN locked l ON l.id = f.row_id
                WHERE x.id = f.row_id AND NOT EXISTS (
                    SELECT FROM shopops_change c WHERE c.table_name = %(table)s AND c.row_id = f.row_id AND c.id > f.id
                      AND c.op = 'update' AND c.changes ?| %(columns)s
                )
                RETURNING x.id
            )
            SELECT f.row_id FROM former f WHERE f.row_id NOT IN (SELECT id FROM restored) ORDER BY 1
            """,
            {"ids": ids, "columns": list(kind.columns), "source": act.source, "table": table, "now": now},
        )
        return [pk for (pk,) in cursor.fetchall()]
