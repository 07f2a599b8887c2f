"""What people wrote on a person's records, and the files there: anything may stand in them, so all of it goes."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopops.collaboration import files
from shopops.collaboration.models import Attachment, Comment
from shopops.exchange import boxes
from shopops.privacy.ciphers import Files
from shopops.privacy.registry import PersonData, Row, Run, Subject

PERSONAL_COLUMNS = [("shopops_comment", ("text",)), ("shopops_attachment", ("name",))]


def _comments(subject: Subject) -> QuerySet[Comment]:
    wanted = Q(pk__in=[])
    for table, ids in subject.rows.items():
        wanted |= Q(table_name=table, row_id__in=sorted(ids))
    return Comment.objects.filter(wanted)


def _gather(subject: Subject) -> None:
    found = set(_comments(subject).values_list("pk", flat=True))
    subject.add(Comment, found)
    subject.add(Attachment, Attachment.objects.filter(comment__in=found).values_list("pk", flat=True))


def _count(subject: Subject) -> int:
    return len(subject.ids(Comment)) + len(subject.ids(Attachment))


def _copy(subject: Subject) -> Iterator[Row]:
    for item in Comment.objects.filter(pk__in=subject.ids(Comment)).select_related("created_by").order_by("pk"):
        yield {_("Written at"): item.created_at, _("By"): str(item.created_by), _("text"): item.text}


def _erase(subject: Subject, run: Run) -> int:
    """Leave comments without words and files; that somebody wrote stays."""
    kept = list(Attachment.objects.filter(pk__in=subject.ids(Attachment)).exclude(path="", thumbnail="", name=""))
    Attachment.objects.filter(pk__in=[item.pk for item in kept]).update(
        path="", thumbnail="", name="", removed_at=run.at
    )
    transaction.on_commit(
        lambda: files.delete(*(path for item in kept for path in (item.path, item.thumbnail) if path))
    )
    Comment.objects.filter(pk__in=subject.ids(Comment)).exclude(text="", removed_at__isnull=False).update(
        text="", removed_at=run.at
    )
    return _count(subject)


def _old_files() -> Iterator[tuple[str, str]]:
    for item in Attachment.objects.exclude(path="").order_by("pk").iterator(chunk_size=1000):
        for column in ("path", "thumbnail"):
            if (path := getattr(item, column)) and not boxes.is_current(path):
                yield column, path


def _renew(item: Any) -> None:
    boxes.renew(item[1])


PERSON = [
    PersonData(
        "comments",
        gettext_lazy("Comments and files on their records"),
        _count,
        _erase,
        _copy,
        _gather,
        fate=gettext_lazy("words and files deleted"),
    )
]
CIPHERS = [Files("attachments", _old_files, _renew)]
