"""Who hears of what is written on a record: people mentioned in it and those who follow it."""

from collections.abc import Sequence

from django.db.models import Model

from shopops.accounts.models import User
from shopops.collaboration.models import Follow
from shopops.notifications.services import notify
from shopops.ui import records

MENTIONED = "collaboration.mentioned"
WRITTEN = "collaboration.written"


def followers(record: Model) -> list[User]:
    """Return who follows a record and may still see it; two statements."""
    ids = Follow.objects.filter(table_name=record._meta.db_table, row_id=record.pk).values("user")
    people = User.objects.with_permissions().filter(pk__in=ids, is_active=True).order_by("pk")
    return records.who_may_see(people, record)


def mentioned(people: Sequence[User], record: Model, *, by: User) -> None:
    """Tell people that they were named in a comment."""
    _tell(people, MENTIONED, record, by)


def written(people: Sequence[User], record: Model, *, by: User) -> None:
    """Tell followers that somebody wrote on their record."""
    _tell(people, WRITTEN, record, by)


def _tell(people: Sequence[User], kind: str, record: Model, by: User) -> None:
    # No names in the text: the page shows who wrote and what the record is called, to who may see it.
    notify(people, kind, record=record, by=by)
