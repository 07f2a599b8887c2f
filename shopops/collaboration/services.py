"""Writing on a record: comments that mention colleagues and bring files, following, pinning."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Model, Sum
from django.utils.translation import gettext as _

from shopops import clock
from shopops.access.declare import may
from shopops.collaboration import files as kept
from shopops.collaboration import mentions, telling
from shopops.collaboration.models import Attachment, Comment, Follow, Pin
from shopops.errors import Refused
from shopops.history.actor import acting
from shopops.ui import records

if TYPE_CHECKING:
    from shopops.accounts.models import User

LONGEST: Final = 4000  # characters of one comment
OWN_FOR: Final = timedelta(hours=24)  # how long one's own comment may be changed or taken away
REMOVE_OTHERS: Final = "collaboration.remove"
PINS: Final = 50


class TooLate(Refused):
    """One's own words stay after a day: others have answered them."""


@dataclass
class Written:
    """What was written, and who was named but may not see the record, so was not told."""

    comment: Comment
    untold: list["User"] = field(default_factory=list)


def write(record: Model, text: str, *, files: Sequence[kept.Ready] = (), by: "User") -> Written:
    """Write on a record that ``by`` may see, with files made ready before; the writer follows it from now on.

    Who is mentioned and may see the record is told, and so are its followers. Raises Refused; the files
    are then taken away again.
    """
    try:
        return _write(record, text, files, by)
    except BaseException:
        for ready in files:
            kept.discard(ready)
        raise


def _write(record: Model, text: str, files: Sequence[kept.Ready], by: "User") -> Written:
    text = _checked(text, may_be_empty=bool(files))
    table, now = record._meta.db_table, clock.now()
    people = mentions.mentioned(text)
    with acting(by):
        comment = Comment.objects.create(table_name=table, row_id=record.pk, text=text, created_by=by, created_at=now)
        if files:
            kept.check_quota(table, record.pk, files, by=by, now=now)
            Attachment.objects.bulk_create([ready.row(comment, by=by, now=now) for ready in files])
        Follow.objects.get_or_create(user=by, table_name=table, row_id=record.pk, defaults={"created_at": now})
        told = records.who_may_see(people, record)
        telling.mentioned(told, record, by=by)
        followers = telling.followers(record)
        telling.written([user for user in followers if user not in told and user != by], record, by=by)
    return Written(comment, [user for user in people if user not in told])


def edit(comment_id: int, text: str, *, by: "User") -> Written:
    """Change one's own comment within a day; what stood there before stays in the history.

    Who is mentioned for the first time is told. Raises Refused, TooLate.
    """
    with acting(by):
        comment = _own(comment_id, by)
        text = _checked(text, may_be_empty=comment.files.filter(removed_at=None).exists())
        before = mentions.names_in(comment.text)
        if text == comment.text:
            return Written(comment)
        comment.text, comment.edited_at = text, clock.now()
        comment.save(update_fields=["text", "edited_at"])
        people = [user for user in mentions.mentioned(text) if user.username not in before]
        record = records.found(by, comment.table_name, comment.row_id)
        told = records.who_may_see(people, record) if record else []
        if record:
            telling.mentioned(told, record, by=by)
    return Written(comment, [user for user in people if user not in told])


def remove(comment_id: int, *, by: "User") -> Comment:
    """Take a comment and its files away: one's own within a day, others' with the permission. Raises Refused."""
    now = clock.now()
    with acting(by):
        comment = _own(comment_id, by, others=may(by, REMOVE_OTHERS))
        comment.text, comment.removed_at, comment.removed_by = "", now, by
        comment.save(update_fields=["text", "removed_at", "removed_by"])
        for item in comment.files.select_for_update().filter(removed_at=None).order_by("pk"):
            _remove(item, now)
    return comment


def remove_file(attachment_id: int, *, by: "User") -> Attachment:
    """Take one file away, by the rules of its comment. Raises Refused."""
    with acting(by):
        item = Attachment.objects.select_for_update().get(pk=attachment_id)
        _own(item.comment_id, by, others=may(by, REMOVE_OTHERS))
        if item.removed_at is None:
            _remove(item, clock.now())
    return item


def _remove(item: Attachment, now: datetime) -> None:
    paths = (item.path, item.thumbnail)
    item.path = item.thumbnail = ""
    item.removed_at = now
    item.save(update_fields=["path", "thumbnail", "removed_at"])
    transaction.on_commit(lambda: kept.delete(*paths))


def _own(comment_id: int, by: "User", *, others: bool = False) -> Comment:
    comment = Comment.objects.select_for_update().get(pk=comment_id)
    if comment.removed_at is not None:
        raise Refused(_("This comment was removed meanwhile."))
    if others:
        return comment
    if comment.created_by_id != by.pk:
        raise Refused(_("Only who wrote it may change it."))
    if clock.now() - comment.created_at > OWN_FOR:
        raise TooLate(_("A comment can be changed for a day. Write a new one."))
    return comment


def may_change(comment: Comment, user: "User") -> bool:
    """Say whether this person may still change the comment's words."""
    return (
        comment.created_by_id == user.pk and comment.removed_at is None and clock.now() - comment.created_at <= OWN_FOR
    )


def _checked(text: str, *, may_be_empty: bool) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text and not may_be_empty:
        raise Refused(_("Write something, or attach a file."))
    if len(text) > LONGEST:
        raise Refused(_("A comment has at most %(count)s characters.") % {"count": LONGEST})
    return text


def follow(record: Model, *, on: bool, by: "User") -> None:
    """Be told what happens on a record, or no longer."""
    _keep(Follow, record, on=on, by=by)


def pin(record: Model, *, on: bool, by: "User") -> None:
    """Keep a record at hand, or no longer. Raises Refused beyond PINS."""
    if on and Pin.objects.filter(user=by).count() >= PINS:
        raise Refused(_("At most %(count)s records can be pinned. Take one off first.") % {"count": PINS})
    _keep(Pin, record, on=on, by=by)


def _keep(model: type[Follow] | type[Pin], record: Model, *, on: bool, by: "User") -> None:
    where = {"user": by, "table_name": record._meta.db_table, "row_id": record.pk}
    if on:
        model.objects.get_or_create(**where, defaults={"created_at": clock.now()})
    else:
        model.objects.filter(**where).delete()


def size_of(table: str, row: int) -> int:
    """Return how many bytes of files a record has."""
    found = Attachment.objects.filter(comment__table_name=table, comment__row_id=row, removed_at=None)
    return found.aggregate(size=Sum("size", default=0))["size"]  # type: ignore[no-any-return]  # an aggregate is Any
