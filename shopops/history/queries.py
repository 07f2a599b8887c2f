from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Model, Q, QuerySet

from shopops.history.models import Change


def changes_of(*records: Model, also: Sequence[tuple[type[Model], Sequence[int]]] = ()) -> QuerySet[Change]:
    """Return the changes of these records, newest first, with their actors.

    ``also`` adds rows of other tables, as (model, primary keys): an order's timeline shows
    its lines and refunds too.
    """

    wanted = Q(pk__in=[])
    for record in records:
        wanted |= Q(table_name=record._meta.db_table, row_id=record.pk)
    for model, keys in also:
        wanted |= Q(table_name=model._meta.db_table, row_id__in=list(keys))
    return Change.objects.filter(wanted).select_related("actor").order_by("-id")


def changes_of_rows(rows: Mapping[str, Iterable[int]], *, before: int | None = None) -> QuerySet[Change]:
    """Return the changes of these rows (table → numbers), newest first, with their actors; older than ``before``."""
    wanted = Q(pk__in=[])
    for table, keys in rows.items():
        if found := list(keys):
            wanted |= Q(table_name=table, row_id__in=found)
    changes = Change.objects.filter(wanted).select_related("actor").order_by("-id")
    return changes.filter(pk__lt=before) if before is not None else changes
